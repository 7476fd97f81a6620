"""The app's own part of the web server: login, security headers, health, metrics, static files.

Plain ASGI around and beside Streamlit, which it doesn't import. `layer.py` puts the parts together.
"""
