"""Pictures and films that a browser draws for a test: they can be decoded, and something is seen in them."""

import base64

from playwright.async_api import Page

# Half a second of a square that changes its colour, or longer where a busy machine has recorded none of it yet.
_FILM = """async () => {
  const canvas = document.createElement('canvas')
  canvas.width = 320; canvas.height = 180
  const context = canvas.getContext('2d')
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' })
  const parts = []
  let recorded = 0
  recorder.ondataavailable = (event) => {
    parts.push(event.data)
    recorded += event.data.size
  }
  recorder.start(100)
  const lastMs = performance.now() + 60_000
  for (let at = 0; at < 12 || !recorded; at++) {
    if (performance.now() > lastMs) throw new Error('nothing recorded')
    context.fillStyle = `hsl(${at * 30} 80% 50%)`
    context.fillRect(0, 0, 320, 180)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop() })
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
  return btoa(String.fromCharCode(...bytes))
}"""
# Steps of a procedure in a row, with arrows between them.
_CHART = """([steps, width, height]) => {
  const canvas = document.createElement('canvas')
  canvas.width = width; canvas.height = height
  const context = canvas.getContext('2d')
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, width, height)
  const step = width / steps.length
  context.font = `${Math.round(step / 8)}px "Noto Sans SC", sans-serif`
  context.textAlign = 'center'; context.textBaseline = 'middle'
  context.lineWidth = 4; context.strokeStyle = '#2B4C9B'
  steps.forEach((text, at) => {
    const left = at * step + step * 0.08
    context.strokeRect(left, height * 0.3, step * 0.74, height * 0.4)
    context.fillStyle = '#1B1F24'
    context.fillText(text, left + step * 0.37, height / 2)
    if (at + 1 < steps.length) {
      context.beginPath()
      context.moveTo(left + step * 0.76, height / 2)
      context.lineTo(left + step * 0.98, height / 2)
      context.stroke()
    }
  })
  return canvas.toDataURL('image/png').split(',')[1]
}"""


async def filmed(page: Page) -> bytes:
    """A film of 320×180, WebM without sound."""
    return base64.b64decode(await page.evaluate(_FILM))


async def charted(page: Page, steps: tuple[str, ...], width: int, height: int) -> bytes:
    """A chart of a procedure, as PNG."""
    return base64.b64decode(await page.evaluate(_CHART, [list(steps), width, height]))
