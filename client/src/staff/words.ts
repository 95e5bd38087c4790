import { useI18n } from 'vue-i18n'
import { HttpError } from '../shared/http'

/** Errors in the reader's language: the server's sentence, or ours where there was no answer. */
export function useWords() {
  const { t, te } = useI18n()
  function sentence(error: unknown): string {
    if (!(error instanceof HttpError)) return t('error.unknown')
    const known = `error.${error.code}`
    return error.message || (te(known) ? t(known) : t('error.unknown'))
  }
  return { t, te, sentence }
}
