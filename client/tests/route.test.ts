import { afterEach, describe, expect, it } from 'vitest'
import { createApp, defineComponent, h, nextTick } from 'vue'
import { chosenOf, type JudgedSession } from '../src/staff/judging/sessions'
import { addressOf, ofSession, setQuery, useQuery, useRoute } from '../src/staff/route'

const Shown = defineComponent(() => {
  const route = useRoute()
  const query = useQuery()
  return () => h('p', `${route.value}|${query.value.get('item') ?? ''}|${query.value.get('only') ?? ''}`)
})

describe('the address of a staff page', () => {
  afterEach(() => {
    window.location.hash = ''
  })

  it('leaves empty parts out and escapes the rest', () => {
    expect(addressOf('desk', { item: null, only: '', q: undefined })).toBe('#/desk')
    expect(addressOf('rulings', { item: 4, response: '三十日&a=1' })).toBe(
      '#/rulings?item=4&response=%E4%B8%89%E5%8D%81%E6%97%A5%26a%3D1',
    )
  })

  it('says lists one by one, empty texts too', () => {
    expect(addressOf('rulings', { response: ['a', '', 'b'] })).toBe('#/rulings?response=a&response=&response=b')
  })

  it('keeps to the session that a judges\' page was asked for, on judges\' pages alone', () => {
    window.location.hash = '#/desk?session=7&item=3'
    expect(addressOf('rulings', { item: 4 })).toBe('#/rulings?session=7&item=4')
    expect(addressOf('rulings', { session: null })).toBe('#/rulings')
    expect(addressOf('console', {})).toBe('#/console')
    expect(ofSession('/api/staff/desk/tail?item=4')).toBe('/api/staff/desk/tail?item=4&session=7')
    window.location.hash = '#/results?session=7'
    expect(addressOf('rulings', {})).toBe('#/rulings')
    expect(ofSession('/api/staff/judging')).toBe('/api/staff/judging')
  })

  it('names the session in force when it asks for none', () => {
    const [now, over] = [7, 3].map<JudgedSession>((session) => ({
      session,
      contest: '业务技能练兵比武',
      title: '决赛',
      phase: 'finalized',
      start_us: 0,
      in_force: session === 7,
    }))
    expect(chosenOf([now!, over!], '')).toBe(now)
    expect(chosenOf([now!, over!], '3')).toBe(over)
    expect(chosenOf([now!, over!], '4')).toBeNull()
  })

  it('tells page and query apart, and follows both', async () => {
    window.location.hash = '#/desk?item=3&only=wrong'
    const place = document.createElement('div')
    const app = createApp(Shown)
    app.mount(place)
    expect(place.textContent).toBe('desk|3|wrong')
    setQuery({ item: 5, only: null })
    await nextTick()
    expect(place.textContent).toBe('desk|5|')
    expect(window.location.hash).toBe('#/desk?item=5')
    app.unmount()
  })
})
