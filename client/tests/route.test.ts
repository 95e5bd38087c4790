import { afterEach, describe, expect, it } from 'vitest'
import { createApp, defineComponent, h, nextTick } from 'vue'
import { addressOf, setQuery, useQuery, useRoute } from '../src/staff/route'

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
