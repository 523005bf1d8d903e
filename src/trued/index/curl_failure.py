"""libcurl's error numbers, read into findings' codes: what happened, and whether to try again."""

from __future__ import annotations

from trued.index.failure import TransferFailed

__all__ = ["failure_of"]

_TRANSIENT = True
# Numbers of https://curl.se/libcurl/c/libcurl-errors.html : code, whether another attempt may help.
_CODES = {
    1: ("TRU324", False),  # a protocol that is not allowed
    3: ("TRU324", False),  # a URL that libcurl cannot read
    5: ("TRU323", _TRANSIENT),  # the proxy's name
    6: ("TRU302", _TRANSIENT),
    7: ("TRU303", _TRANSIENT),
    18: ("TRU315", _TRANSIENT),
    35: ("TRU307", _TRANSIENT),  # the handshake broke off
    43: ("TRU335", False),  # the private key in the client's file
    58: ("TRU335", False),  # the client's certificate
    90: ("TRU308", False),
    97: ("TRU323", _TRANSIENT),
}
_TIMED_OUT, _UNVERIFIED, _HOSTNAME = 28, 60, 51
# X509_V_ERR_* of OpenSSL, as CURLINFO_SSL_VERIFYRESULT gives them.
_EXPIRED, _NOT_YET_VALID, _HOST_MISMATCH = 10, 9, 62
_UNKNOWN_ISSUER = {2, 18, 19, 20, 21, 24, 27}


def failure_of(number: int, text: str, *, host: str, verify_result: int, connected: bool) -> TransferFailed:
    """Return the failure for libcurl's error *number*.

    *text* is libcurl's message; *verify_result* what OpenSSL said of the certificate; *connected* whether
    there was a connection when the time ran out.
    """
    if number == _TIMED_OUT:
        code = "TRU310" if connected else "TRU309"
        return TransferFailed(code, transient=True, host=host, detail=text)
    if number in {_UNVERIFIED, _HOSTNAME}:
        return TransferFailed(_certificate_code(number, text, verify_result), host=host, detail=text)
    if number == 7 and "proxy" in text.lower():
        return TransferFailed("TRU323", transient=True, host=host, detail=text)
    code, transient = _CODES.get(number, ("TRU324", _TRANSIENT))
    return TransferFailed(code, transient=transient, host=host, detail=text)


def _certificate_code(number: int, text: str, verify_result: int) -> str:
    if number == _HOSTNAME or verify_result == _HOST_MISMATCH or "subject name" in text:
        return "TRU306"
    if verify_result in {_EXPIRED, _NOT_YET_VALID}:
        return "TRU304"
    return "TRU305" if verify_result in _UNKNOWN_ISSUER else "TRU307"
