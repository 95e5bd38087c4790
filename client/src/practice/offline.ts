/** Keeps what the practice is made of on this device, so that it opens without a line (public/practice-sw.js). */

const NAME = 'leitai-practice-1'

export async function keepForLater(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) return
  try {
    await navigator.serviceWorker.register('/practice-sw.js')
    await navigator.serviceWorker.ready
    // What is read without a line, and what was loaded before the worker was there to keep it.
    await import('./study/BookPage.vue')
    const loaded = performance
      .getEntriesByType('resource')
      .map((one) => one.name)
      .filter((name) => new URL(name).pathname.startsWith('/assets/'))
    const cache = await caches.open(NAME)
    await Promise.all([...new Set(loaded)].map(async (name) => (await cache.match(name)) ?? cache.add(name)))
  } catch {
    // Without it the practice works as long as there is a line.
  }
}
