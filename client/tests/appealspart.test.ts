import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createApp } from 'vue'
import commonZh from '../src/locales/common.zh-CN.json'
import resultsZh from '../src/locales/results.zh-CN.json'
import AppealsPart from '../src/results/AppealsPart.vue'
import { speak } from '../src/shared/i18n'

const AGAIN_AT_MOST_MS = 40_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('own appeals are asked for again while they are looked at, and not once they are left', async () => {
  const answers: (() => void)[] = []
  vi.stubGlobal('fetch', () => new Promise((resolve) => {
    answers.push(() => resolve({ ok: true, json: () => Promise.resolve({ open: false, from_us: 0, until_us: 0, items: [], appeals: [] }) }))
  }))
  const words = { ...commonZh, ...resultsZh }
  const app = createApp(AppealsPart, { session: 1 }).use(speak({ 'zh-CN': words, en: words }))
  app.mount(document.createElement('div'))
  answers[0]!()
  await vi.advanceTimersByTimeAsync(AGAIN_AT_MOST_MS)
  expect(answers.length).toBe(2)
  app.unmount()
  answers[1]!()
  await vi.advanceTimersByTimeAsync(AGAIN_AT_MOST_MS)
  expect(answers.length).toBe(2)
})
