/** Elements by hand. Whatever comes from outside becomes text, never markup. */

export function make(name: string, className = '', ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(name)
  if (className) element.className = className
  element.append(...children)
  return element
}

/** Set a text where it differs, so that what stands is not laid out anew. */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Show an element when its text is not empty. */
export function sayOrHide(element: HTMLElement, text: string): void {
  say(element, text)
  element.hidden = text === ''
}

export function calm(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** Elements of a list, one for each member by its place: made and removed as the list grows and shrinks. */
export function fitted<T>(
  box: HTMLElement,
  members: readonly T[],
  one: () => HTMLElement,
  fill: (element: HTMLElement, member: T, index: number) => void,
): void {
  while (box.children.length > members.length) box.lastElementChild!.remove()
  while (box.children.length < members.length) box.append(one())
  members.forEach((member, index) => fill(box.children[index] as HTMLElement, member, index))
}

/** The part of an element with this class name. */
export function part(element: HTMLElement, className: string): HTMLElement {
  return element.querySelector<HTMLElement>(`.${className}`)!
}
