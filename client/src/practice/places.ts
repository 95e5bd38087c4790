/** The pages of the practice by their address (`#boards`), and which of them stand in the bar at the bottom. */
import { defineAsyncComponent, type Component } from 'vue'
import type { IconName } from '../shared/components/AppIcon.vue'
import LoadingPage from './LoadingPage.vue'
import FailedPage from './FailedPage.vue'

export interface PracticePlace {
  /** Its address after `#`; what follows a `/` is the page's own. */
  path: string
  page: Component
  /** With a sign it stands in the bar, under the word `tab.<path>`. */
  icon?: IconName
}

function place(path: string, load: () => Promise<{ default: Component }>, icon?: IconName): PracticePlace {
  const page = defineAsyncComponent({
    loader: load,
    loadingComponent: LoadingPage,
    errorComponent: FailedPage,
    delay: 200,
  })
  return icon ? { path, page, icon } : { path, page }
}

/** The first is where one comes in. */
export const PLACES: PracticePlace[] = [
  place('own', () => import('./OwnPage.vue'), 'flag'),
  place('study', () => import('./study/StudyPlace.vue'), 'tick'),
  place('monthly', () => import('./monthly/MonthlyPage.vue')),
  place('match', () => import('./match/MatchPlace.vue')),
  place('boards', () => import('./BoardsPage.vue'), 'up'),
  place('account', () => import('./AccountPage.vue'), 'lock'),
]

/** The place of an address, and what follows its path there. */
export function placeOf(hash: string): { place: PracticePlace; rest: string } {
  const [path = '', ...rest] = hash.replace(/^#/, '').split('/')
  const found = PLACES.find((one) => one.path === path)
  return { place: found ?? PLACES[0]!, rest: found ? rest.join('/') : '' }
}
