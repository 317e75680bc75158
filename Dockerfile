# The service as one image: `docker build -t kaochang .`

FROM node:24-slim AS pages
WORKDIR /src/web
COPY web .
RUN npm ci && npm run build

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/kaochang
WORKDIR /src
COPY requirements.lock .
RUN /opt/kaochang/bin/pip install --require-hashes --requirement requirements.lock
COPY requirements-build.lock .
RUN pip install --require-hashes --requirement requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY app app
COPY --from=pages /src/app/pages app/pages
RUN /opt/kaochang/bin/python -m servestatic.compress --quiet app/pages/assets \
    && pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/kaochang/bin/pip install --no-deps /wheels/*.whl

FROM python:3.11-slim AS runtime
RUN useradd --system --uid 10001 --home-dir /var/lib/kaochang --create-home --shell /usr/sbin/nologin kaochang
COPY --from=build /opt/kaochang /opt/kaochang
ENV PATH=/opt/kaochang/bin:$PATH PYTHONUNBUFFERED=1 KAOCHANG_DATA_DIR=/var/lib/kaochang
USER kaochang
WORKDIR /var/lib/kaochang
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/v1/healthz', timeout=2)"]
CMD ["kaochang", "serve", "--host", "0.0.0.0"]
