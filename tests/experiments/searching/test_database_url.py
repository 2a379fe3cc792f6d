import pytest

from mtvision.experiments.searching.database_url import hidden, parsed_url


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada:secret@host/digits",
        "mysql://ada:sec/secret@host/digits",
        "postgresql://ada@host/digits?password=secret",
        "postgresql://host/digits?user=ada&sslpassword=secret&port=1",
    ],
)
def test_passwords_are_hidden(url):
    assert "secret" not in hidden(url)
    assert "***" in hidden(url)
    assert "digits" in hidden(url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://host:secret/digits", "URL of a database, such as"),
        ("postgresql://ada:se@secret@host/digits", "as %40"),
        ("mysql://ada:secret@host", "received one without"),
    ],
)
def test_wrong_urls_show_no_password(url, message):
    with pytest.raises(ValueError, match=message) as raised:
        parsed_url(url)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
