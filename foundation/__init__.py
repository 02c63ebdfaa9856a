"""The floor under every app: pages, choices with colours, exports, waking workers.

It knows no agency, no lead and no mail; whatever two apps need and neither owns
lives here, one topic a module.
"""
