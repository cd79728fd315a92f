/** How large an input may be, in bytes. No definition is larger; what is, is something else under that name. */
export const MAX_BYTES = 16 * 1024 * 1024;

/** How large a file may be that nixgen wrote, in bytes: a text of V8's has at most 512 MiB. */
export const MAX_OWN_BYTES = 256 * 1024 * 1024;
