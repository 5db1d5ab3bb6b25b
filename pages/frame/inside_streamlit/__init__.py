"""All that the app does with Streamlit's private names, because no setting and no public name does it.

`patches` changes what Streamlit does, `savings` does the same at less cost. tests/pages/test_streamlit_patches.py and
test_streamlit_savings.py fail once Streamlit has changed so that one of them no longer works, or is no longer needed;
tests/test_architecture.py holds that no other module looks inside.
"""
