/** The bodies of schema/http/office.yaml about second factors and the provider of identities. */
export interface SignInWays {
  provider: string
}

export interface SecondFactor {
  since_us: number
  recovery_left: number
  password: boolean
}

export interface SecondFactorBegun {
  secret: string
  uri: string
  qr: string
}

/** A secret in groups of four, as people read it off. */
export function grouped(secret: string): string {
  return (secret.match(/.{1,4}/g) ?? []).join(' ')
}

/** Whether the page was opened to ask for a code: the way back from the provider leads there. */
export function asksCode(search: string): boolean {
  return new URLSearchParams(search).has('code')
}
