# The app for others on the network: docs/how-to/install.md tells how to build and start it.
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
# The folder of the history is this user's alone; a volume that is new takes that over.
RUN install -d -m 700 -o 10001 -g 10001 /var/lib/vpo-monitor \
 && install -d /etc/vpo-monitor
ENV PATH=/opt/vpo-monitor/bin:$PATH \
    HOME=/tmp \
    XDG_CONFIG_HOME=/etc \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VPO_MONITOR_HISTORY=/var/lib/vpo-monitor/history.sqlite3
# If a secrets.toml is mounted here, settings are read from it.
WORKDIR /etc/vpo-monitor
VOLUME /var/lib/vpo-monitor
# A number, so that whoever starts it can see that it is not root.
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["vpo-monitor"]
# It does not start without a password, nor without a --name by which browsers ask for it.
CMD ["share", "--address", "0.0.0.0"]
