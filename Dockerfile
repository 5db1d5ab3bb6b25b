# The explorer in one container: docker build -t kl-explorer . && docker run -p 8501:8501 kl-explorer
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# torch first and from its own index: PyPI's build for Linux brings CUDA along, gigabytes that nothing here uses.
COPY requirements.txt .
RUN pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu && pip install -r requirements.txt

RUN useradd --create-home --uid 1000 explorer
COPY --chown=explorer .streamlit .streamlit
COPY --chown=explorer app.py .
COPY --chown=explorer kl_core kl_core
COPY --chown=explorer pages pages
# What Python compiles at the first start, now: so a start takes seconds.
RUN python -m compileall -q app.py kl_core pages
USER explorer

ENV PORT=8501
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
  ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health', timeout=4)"]
CMD ["sh", "-c", "exec streamlit run app.py --server.address 0.0.0.0 --server.port $PORT"]
