/** Why a request did not succeed, in a few words: the system's code where there is one. */
export function fetchFailure(error: unknown): string {
  const { message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code ?? message;
}
