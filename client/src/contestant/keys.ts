import { onBeforeUnmount, onMounted } from 'vue'
import type { ItemContent } from '../wire/messages'
import { shownOptions } from './state'

/** What a key means on an item; null when it means nothing there. */
export type KeyMeaning = { kind: 'pick'; option: string } | { kind: 'submit' } | { kind: 'previous' } | { kind: 'next' }

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing'>

export function meaningOf(event: Pressed, content: ItemContent, typing: boolean): KeyMeaning | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null
  if (event.key === 'Enter') return { kind: 'submit' }
  if (typing) return null
  if (event.key === 'ArrowLeft' || event.key === 'PageUp') return { kind: 'previous' }
  if (event.key === 'ArrowRight' || event.key === 'PageDown') return { kind: 'next' }
  if (event.key.length !== 1) return null
  const options = shownOptions(content)
  const letter = event.key.toUpperCase()
  if (content.type === 'true_false') {
    const byName = options.find((option) => option.id === letter)
    if (byName) return { kind: 'pick', option: byName.id }
  }
  const digit = '12345678'.indexOf(letter)
  const place = digit >= 0 ? digit : 'ABCDEFGH'.indexOf(letter)
  const option = options[place]
  return option ? { kind: 'pick', option: option.id } : null
}

/** The letters that pick an item's options, as a hint shows them. */
export function optionKeys(content: ItemContent | null): string {
  return `A–${'ABCDEFGH'[(content?.options.length ?? 4) - 1] ?? 'H'}`
}

/** Listen for an item's keys on the whole page. */
export function useItemKeys(content: () => ItemContent | null, act: (meaning: KeyMeaning) => void): void {
  const pressed = (event: KeyboardEvent) => {
    const shown = content()
    if (!shown || event.defaultPrevented || event.repeat) return
    const target = event.target as HTMLElement | null
    // A film has keys of its own.
    if (target?.tagName === 'VIDEO') return
    const typing = target?.tagName === 'INPUT' || target?.tagName === 'TEXTAREA'
    const meaning = meaningOf(event, shown, typing)
    if (!meaning) return
    // Enter on a focused option first picks it, as everywhere; on another button it is that button's.
    if (meaning.kind === 'submit' && target?.tagName === 'BUTTON' && !target.classList.contains('option')) return
    if (meaning.kind === 'submit' && target?.classList.contains('option') && target.getAttribute('aria-checked') !== 'true')
      return
    event.preventDefault()
    act(meaning)
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
