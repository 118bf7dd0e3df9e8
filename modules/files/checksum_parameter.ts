/** `checksum_algorithm` of the modules that tell the checksums of files. */
export const checksumAlgorithm = {
  type: 'string',
  enum: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
  default: 'sha1',
  aliases: ['checksum', 'checksum_algo'],
  description: 'The kind of checksum.',
} as const;
