import { effectScope, reactive, type Reactive } from 'vue'

/** A page's one store, made when it is first asked for; its refs read as plain members. All that a page of ours needs of
 * a library for stores, which would be a fortieth of the contestant's script. */
export function oneStore<T extends object>(make: () => T): () => Reactive<T> {
  let made: Reactive<T> | undefined
  return () => (made ??= effectScope(true).run(() => reactive(make())) as Reactive<T>)
}
