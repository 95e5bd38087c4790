/** The pages of the staff: their addresses, who has them in the menu, and under which heading. */
import { defineAsyncComponent, type Component } from 'vue'
import LoadingPlace from './LoadingPlace.vue'
import FailedPlace from './FailedPlace.vue'

export interface Place {
  route: string
  page: Component
  /** Whoever may do one of these has it in the menu; empty: everybody. */
  acts: string[]
}

export interface Heading {
  name: 'contest' | 'bank' | 'people' | 'practice' | 'awards' | 'house'
  places: Place[]
}

/** A page is loaded when it is first opened. */
function place(route: string, acts: string[], load: () => Promise<{ default: Component }>): Place {
  const page = defineAsyncComponent({
    loader: load,
    loadingComponent: LoadingPlace,
    errorComponent: FailedPlace,
    delay: 200,
  })
  return { route, page, acts }
}

export const HOME = place('', [], () => import('./pages/HomePage.vue'))

export const HEADINGS: Heading[] = [
  {
    name: 'contest',
    places: [
      place('own-contests', ['keep_own_contest'], () => import('./own/OwnContestsPage.vue')),
      place('console', ['see_readiness'], () => import('./pages/ConsolePage.vue')),
      place('sessions', ['schedule'], () => import('./pages/SessionsPage.vue')),
      place('clarifications', ['clarify'], () => import('./pages/ClarificationsPage.vue')),
      place('desk', ['see_desk'], () => import('./pages/DeskPage.vue')),
      place('marking', ['mark'], () => import('./pages/MarkingPage.vue')),
      place('rulings', ['see_desk'], () => import('./pages/RulingsPage.vue')),
      place('appeals', ['see_desk'], () => import('./pages/AppealsPage.vue')),
      place('boards', ['see_desk'], () => import('./pages/BoardsPage.vue')),
      place('broadcast', ['direct_broadcast'], () => import('./pages/BroadcastPage.vue')),
      place('reveal', ['reveal'], () => import('./pages/RevealPage.vue')),
      place('stage', ['see_stage'], () => import('./stage/StagePage.vue')),
      place('calendar', ['plan_calendar'], () => import('./calendar/CalendarPage.vue')),
    ],
  },
  {
    name: 'bank',
    places: [
      place('questions', ['see_bank'], () => import('./bank/QuestionsPage.vue')),
      place('syllabus', ['see_bank'], () => import('./bank/SyllabusPage.vue')),
      place('papers', ['see_papers'], () => import('./papers/PapersPage.vue')),
      place('assemble', ['assemble_paper'], () => import('./papers/AssemblePage.vue')),
      place('import', ['import_questions'], () => import('./bank/ImportPage.vue')),
      place('likeness', ['see_bank'], () => import('./bank/LikenessPage.vue')),
      place('media', ['see_bank'], () => import('./bank/MediaPage.vue')),
    ],
  },
  {
    name: 'people',
    places: [
      place('nominations', ['nominate'], () => import('./nominations/NominationsPage.vue')),
      place('nomination-review', ['review_nominations'], () => import('./nominations/NominationReviewPage.vue')),
      place('practice-records', ['import_practice'], () => import('./nominations/PracticeRecordsPage.vue')),
      place('organisations', ['keep_organisations'], () => import('./organisations/OrganisationsPage.vue')),
      place('learners', ['keep_learners'], () => import('./organisations/LearnersPage.vue')),
      place('roster', ['see_roster'], () => import('./nominations/RosterPage.vue')),
      place('tickets', ['issue_codes'], () => import('./nominations/TicketsPage.vue')),
      place('pool', ['see_pool'], () => import('./pool/PoolPage.vue')),
      place('pool-files', ['take_pool_files', 'keep_pool_keys'], () => import('./pool/PoolFilesPage.vue')),
      place('draw', ['prepare_draw', 'witness_draw'], () => import('./draw/DrawPage.vue')),
      place('draw-ceremony', ['prepare_draw'], () => import('./draw/CeremonyPage.vue')),
    ],
  },
  {
    name: 'practice',
    places: [
      place('practice-releases', ['see_practice'], () => import('./practice/ReleasesPage.vue')),
      place('practice-features', ['see_practice'], () => import('./practice/FeaturesPage.vue')),
      place('practice-monthly', ['see_practice'], () => import('./practice/MonthlyPage.vue')),
      place('practice-participation', ['see_practice'], () => import('./practice/ParticipationPage.vue')),
      place('practice-findings', ['see_practice'], () => import('./practice/FindingsPage.vue')),
    ],
  },
  {
    name: 'awards',
    places: [
      place('results', ['see_published'], () => import('./results/ResultsPage.vue')),
      place('exports', ['see_published'], () => import('./results/ExportsPage.vue')),
      place('awards', ['see_awards'], () => import('./awards/AwardsPage.vue')),
      place('publicity', ['see_awards'], () => import('./awards/PublicityPage.vue')),
      place('objections', ['object_to_awards', 'see_awards'], () => import('./awards/ObjectionsPage.vue')),
      place('certificates', ['print_awards'], () => import('./awards/CertificatesPage.vue')),
    ],
  },
  {
    name: 'house',
    places: [
      place('people', ['manage_staff'], () => import('./pages/PeoplePage.vue')),
      place('audit', ['read_audit'], () => import('./audit/AuditPage.vue')),
      place('password', [], () => import('./pages/PasswordPage.vue')),
      place('second-factor', [], () => import('./identity/SecondFactorPage.vue')),
    ],
  },
]

export const PLACES: Place[] = [HOME, ...HEADINGS.flatMap((heading) => heading.places)]
