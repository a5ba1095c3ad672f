# PostgreSQL, BizOps and the dashboards in one image: doc/display.md.
#   docker build --tag bizops .
#   docker run --publish 80:8088 bizops                    the sample company
#   docker run --publish 80:8088 --volume "$PWD":/project bizops   your project
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS made
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt UV_SYSTEM_CERTS=1 UV_COMPILE_BYTECODE=1
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && useradd --uid 1000 --create-home bizops
COPY requirements /source/requirements
# What changes seldom comes first: BizOps' own requirements, then Superset.
RUN python3 -m venv /opt/bizops \
    && /opt/bizops/bin/pip install --quiet --require-hashes --no-deps \
        -r /source/requirements/uv.lock.txt \
    && /opt/bizops/bin/uv pip install --quiet --python /opt/bizops/bin/python \
        --require-hashes -r /source/requirements/runtime.lock.txt
COPY . /source
RUN /opt/bizops/bin/uv pip install --quiet --python /opt/bizops/bin/python \
        --no-deps --no-build-isolation /source /source/sandbox \
    && /opt/bizops/bin/python /source/display/image/make_environment.py /opt/superset \
    && install --mode 0755 /source/display/image/entrypoint.sh /opt/bizops/bin/bizops-image \
    && mkdir /project \
    && cp -a /source/bizops.yml /source/taps /source/targets /source/transform /project/ \
    && chown -R bizops:bizops /project
USER bizops
WORKDIR /project
ARG SCALE=small
# The sample company as it is after its first run. The warehouse's password stays
# behind: without that file the next start makes a new one.
RUN PATH=/opt/bizops/bin:$PATH bizops demo --scale "${SCALE}" \
    && /opt/bizops/bin/bizops warehouse stop \
    && rm -rf .bizops/warehouse/password .bizops/runs .bizops/sandbox .bizops/logs

FROM ${BASE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    && useradd --uid 1000 --create-home bizops
COPY --from=made /opt /opt
COPY --from=made --chown=bizops:bizops /project /project
ENV PATH=/opt/bizops/bin:/usr/local/bin:/usr/bin:/bin \
    LANG=C.UTF-8 \
    BIZOPS_DISPLAY_ENVIRONMENTS=/opt/superset
USER bizops
WORKDIR /project
EXPOSE 8088
# Logs in as the administrator: a page that says "healthy" proves nothing.
HEALTHCHECK --interval=30s --timeout=30s --start-period=180s \
    CMD ["bizops", "display", "status", "--log-in"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["bizops-image"]
CMD ["serve"]
