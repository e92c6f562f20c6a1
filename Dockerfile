FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/broker
# The pinned dependencies first: they change seldom, and this layer is kept until they do.
COPY requirements.lock ./
RUN pip install -r requirements.lock
COPY pyproject.toml README.md ./
COPY app ./app
COPY migrations ./migrations
COPY config ./config
# In place, so that the migrations stand beside the package where it looks for them.
RUN pip install --no-deps -e . && python -m compileall -q app migrations

FROM python:3.11-slim-bookworm
# A fixed id, so that volumes and orchestrators can name it.
RUN groupadd --gid 10001 broker \
    && useradd --uid 10001 --gid broker --no-create-home --home-dir /var/lib/broker --shell /usr/sbin/nologin broker \
    && install --directory --owner=broker --group=broker --mode=0700 /var/lib/broker
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BROKER_DATA_DIR=/var/lib/broker \
    BROKER_LOG_FORMAT=json
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/broker /srv/broker
WORKDIR /srv/broker
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
ENTRYPOINT ["broker"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
