"""What every page ends with: the code behind its picture, and its data."""

import re
from collections.abc import Callable

import streamlit as st

INSTALL = "# Needs kl_core: run `pip install .` in a checkout of this repository. Everything else is torch.\n"


def runnable(program: str) -> str:
    """The program, and above it how to install kl_core if it is imported: pasted elsewhere, it should run."""
    return INSTALL + program if re.search(r"^(from|import) kl_core", program, re.MULTILINE) else program


def downloads(code: Callable[[], str], csv: Callable[[], str], what: str, file_name: str) -> None:
    """The program, and the table under the name `what`; each folded away, and made only when it is unfolded."""
    with st.expander("Show the PyTorch", icon=":material/code:", key="code_shown", on_change="rerun") as shown:
        if shown.open:
            program = runnable(code())
            st.code(program, language="python")
            st.download_button("Save as .py", program, file_name.replace(".csv", ".py"), "text/x-python", on_click="ignore")
    with st.expander("Data and link", icon=":material/table:", key="data_shown", on_change="rerun") as shown:
        if shown.open:
            st.download_button(f"{what} (CSV)", data=lambda: csv().encode(), file_name=file_name, mime="text/csv", on_click="ignore")
            st.caption("The address of this page holds its exact state: copy it, or press Share.")
