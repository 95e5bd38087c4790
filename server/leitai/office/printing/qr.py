"""QR codes as pictures that stay sharp at any size."""

import io


def qr_svg(text: str) -> str:
    """Return a QR code (error correction M: read with an eighth of it damaged) as SVG, with its quiet zone."""
    import segno  # only whoever prints: gateways start without it

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True)
    return out.getvalue().decode("utf-8")
