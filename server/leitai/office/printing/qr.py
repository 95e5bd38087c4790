"""QR codes as pictures that stay sharp at any size."""

import io


def qr_svg(text: str, light: str | None = None) -> str:
    """Return a QR code (error correction M: read with an eighth of it damaged) as SVG, with its quiet zone.

    `light` is the ground's colour, for where it does not stand on white; None: none is painted.
    """
    import segno  # only whoever prints: gateways start without it

    out = io.BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(out, kind="svg", border=2, light=light, xmldecl=False, svgns=True, omitsize=True)
    return out.getvalue().decode("utf-8")
