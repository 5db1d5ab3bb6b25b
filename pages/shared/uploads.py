"""A place to drop files, which says so where a browser will not send any."""

from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.web.server.server_util import is_xsrf_enabled

_COOKIE = "_streamlit_xsrf"
"""Without it Streamlit takes no file. Browsers keep it from a page in a frame of another site, unless it came over https."""
REFUSED = (
    "Files cannot be sent from this frame: your browser keeps cookies from a page that another site shows. Open this page in a tab of "
    "its own (**Share** has its link), or paste the text."
)


def file_uploader(label: str, types: list[str], **options: Any) -> list[UploadedFile]:
    """`st.file_uploader`, its files always as a list; where it would only fail, one sentence instead, and it takes none."""
    refused = _no_cookie()
    if refused:
        st.caption(f":material/block: {REFUSED}")
    files = st.file_uploader(label, types, disabled=refused, **options)
    return files if isinstance(files, list) else [files] if files is not None else []


def _no_cookie() -> bool:
    """Whether a browser is here, and without the cookie."""
    return is_xsrf_enabled() and "Host" in st.context.headers and _COOKIE not in st.context.cookies
