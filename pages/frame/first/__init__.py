"""The picture of a page in its HTML: drawn before Streamlit's client has arrived, and taken over by it (first.js).

What stands at an address is found out as a visitor would (`visit`), brought into the form of a tree (`tree`), and written as
HTML down to the first picture (`skeleton`). `at_address` keeps what was found, and bounds what addresses can cost.
"""
