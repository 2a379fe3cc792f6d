from mtvision.data.hints import hint


def test_a_hint_is_given_only_where_one_is_near():
    assert hint("lable", ["label", "box"]) == " Did you mean 'label'?"
    assert hint("depth", ["label", "box"]) == ""
