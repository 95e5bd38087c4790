# syntax=docker/dockerfile:1
# The server with its pages, SQL and scripts; nothing of the tools that built it. Runs as nobody in particular.

FROM node:24-slim AS client
WORKDIR /build/client
COPY client/package.json client/package-lock.json client/.npmrc* ./
RUN npm ci --no-audit --no-fund
COPY schema /build/schema
COPY client ./
RUN npm run build

FROM python:3.13-slim AS server
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/leitai
COPY requirements.lock /build/
RUN /opt/leitai/bin/pip install --require-hashes -r /build/requirements.lock
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY server server
COPY loadtest loadtest
COPY schema schema
COPY docs/deploy docs/deploy
COPY --from=client /build/client/dist client/dist
RUN /opt/leitai/bin/pip install --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin leitai
COPY --from=server /opt/leitai /opt/leitai
ENV PATH=/opt/leitai/bin:$PATH PYTHONUNBUFFERED=1 LEITAI_LISTEN=0.0.0.0:8000 LEITAI_LOG_FORMAT=json
USER 10001:10001
EXPOSE 8000
# SIGTERM: everyone is told to move, the answers under way are kept, then the door closes.
STOPSIGNAL SIGTERM
ENTRYPOINT ["leitai"]
CMD ["serve"]
