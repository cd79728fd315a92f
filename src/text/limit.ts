/** How large an input may be, in bytes. No definition is larger; what is, is something else under that name. */
export const MAX_BYTES = 16 * 1024 * 1024;
