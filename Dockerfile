# Image of the app for others on the network. To build and start it, see docs/how-to/install.md.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE app.py ./
COPY .streamlit/config.toml .streamlit/secrets.toml.example .streamlit/
COPY pages pages
COPY vpo_monitor vpo_monitor
RUN python -m venv /opt/vpo-monitor \
 && /opt/vpo-monitor/bin/python -m pip install --no-cache-dir -c constraints.txt '.[accounts,metrics,shared]'

FROM python:3.11-slim
COPY --from=build /opt/vpo-monitor /opt/vpo-monitor
# Only this user can read the history's directory. A new volume inherits its owner and mode.
RUN install -d -m 700 -o 10001 -g 10001 /var/lib/vpo-monitor \
 && install -d /etc/vpo-monitor
ENV PATH=/opt/vpo-monitor/bin:$PATH \
    HOME=/tmp \
    MALLOC_ARENA_MAX=2 \
    XDG_CONFIG_HOME=/etc \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VPO_MONITOR_HISTORY=/var/lib/vpo-monitor/history.sqlite3
# Settings are read from a secrets.toml mounted here.
WORKDIR /etc/vpo-monitor
VOLUME /var/lib/vpo-monitor
# Numeric, so that Kubernetes and others can verify that it is not root.
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
ENTRYPOINT ["vpo-monitor"]
# Requires a password, and --name with a host name that browsers use.
CMD ["share", "--address", "0.0.0.0"]
