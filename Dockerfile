# The exporter, with the notifier beside it: docs/deploying/container.md tells how to build and run it.
#
# BASE has Python 3.11 or newer as python3, with venv. The programs are installed on it and copied onto it.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /tools && python3 -m venv --without-pip /app
# All that takes part is pinned by hash, what builds our own wheel included. The secrets are for those who install by a mirror.
COPY requirements.txt requirements-build.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca-certificates,target=/etc/ssl/certs/ca-certificates.crt \
    /tools/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
        -r requirements-build.txt \
    && /tools/bin/pip wheel --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --no-build-isolation \
        --wheel-dir /wheels -r requirements.txt
COPY pyproject.toml README.md LICENSE hatch_build.py ./
COPY fleet fleet
COPY exporter exporter
COPY ledger ledger
COPY notifier notifier
# The wheel records it, for the metric build_info.
ARG REVISION
# Compiled here, because nothing can be written where it runs; and to be believed without a look at the source's date,
# which changes where an image is made with SOURCE_DATE_EPOCH.
RUN /tools/bin/pip wheel --no-build-isolation --no-deps --no-index --wheel-dir /wheels . \
    && /tools/bin/pip --python /app/bin/python install --no-compile --no-deps --no-index /wheels/*.whl \
    && /app/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/lib

# A stand-in for AWS and Cloud Foundry, to try the exporter on; not in the image, which is the last stage.
FROM build AS sandbox-build
COPY requirements-sandbox.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca-certificates,target=/etc/ssl/certs/ca-certificates.crt \
    /tools/bin/pip --python /app/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
        -r requirements-sandbox.txt

FROM ${BASE} AS sandbox
COPY --from=sandbox-build /app /app
COPY sandbox /sandbox/sandbox
ENV PATH=/app/bin:$PATH PYTHONDONTWRITEBYTECODE=1
WORKDIR /sandbox
USER 10001:10001
CMD ["python", "-m", "sandbox"]

FROM ${BASE} AS exporter
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# A number, by which Kubernetes sees that it is not root. Any other will do as well.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["python", "-m", "exporter.healthcheck"]
ENTRYPOINT ["elasticache-update-exporter"]
ARG SOURCE
ARG REVISION
LABEL org.opencontainers.image.title="elasticache-updates" \
      org.opencontainers.image.description="AWS ElastiCache service updates for Cloud Foundry platforms: how many wait, for whom, and telling them" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}"
