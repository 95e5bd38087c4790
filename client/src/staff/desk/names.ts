import { DELEGATIONS } from '../api'

/** A delegation's short name; its code where the name is not known. */
export function delegationName(code: string): string {
  return DELEGATIONS.find(([known]) => known === code)?.[1] ?? code
}

export function delegationOptions(codes: readonly string[]): [string, string][] {
  return codes.map((code) => [code, delegationName(code)])
}
