/** What SPX and CasparCG hand to a template: JSON by field, or CasparCG's XML. Pure but for the browser's XML parser. */

const NAMES: Readonly<Record<string, string>> = {
  f0: 'server',
  f1: 'token',
  f2: 'overlay',
  f3: 'theme',
  f4: 'delegation',
  f5: 'left',
  f6: 'right',
}

/** The texts by the names of settings; what cannot be read is empty. */
export function readFields(handed: unknown): Record<string, unknown> {
  const fields = typeof handed === 'string' ? parsed(handed) : handed
  if (typeof fields !== 'object' || fields === null) return {}
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [NAMES[field] ?? field, value]))
}

function parsed(text: string): unknown {
  if (text.trimStart().startsWith('<')) return fromXml(text)
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `<templateData><componentData id="f0"><data id="text" value="…"/></componentData>…</templateData>` */
function fromXml(text: string): Record<string, string> {
  const document = new DOMParser().parseFromString(text, 'text/xml')
  return Object.fromEntries(
    [...document.querySelectorAll('componentData')].map((component) => [
      component.getAttribute('id') ?? '',
      component.querySelector('data')?.getAttribute('value') ?? '',
    ]),
  )
}
