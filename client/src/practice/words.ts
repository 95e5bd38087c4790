import { useI18n } from 'vue-i18n'
import { HttpError } from '../shared/http'
import { useSession } from './session'

/** Texts, and errors in the reader's language: the server's sentence, or ours where there was no answer. */
export function useWords() {
  const { t, te } = useI18n()
  const { leave } = useSession()
  function sentence(error: unknown): string {
    if (!(error instanceof HttpError)) return t('error.unknown')
    if (error.code === 'not-signed-in') leave()
    const known = `error.${error.code}`
    return error.message || (te(known) ? t(known) : t('error.unknown'))
  }
  return { t, te, sentence }
}

export const PERIODS = ['day', 'week', 'month', 'all'] as const
export type Period = (typeof PERIODS)[number]
