"""What a browser keeps for a page, for the scripts of components; it may be closed to the page."""

STORAGE_JS = """
    const storageOf = (name) => { try { return window[name]; } catch { return null; } };
"""
"""`storageOf("localStorage")`, or `sessionStorage`: null where the browser keeps nothing."""
