"""A live room: a class follows the teacher's page, and its answers come back as counts.

`hub.py` says what a room may do, `store.py` where it is remembered, `routes.py` how browsers reach it, and the modules
beside them what teacher and class see. Nobody has an account and no name is asked for.
"""
