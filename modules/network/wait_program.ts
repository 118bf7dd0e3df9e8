import { type Sh, sh } from '../../engine/transport/sh.ts';

export interface Waiting {
  /** Seconds. */
  readonly delay: number;
  readonly timeout: number;
  readonly sleep: number;
  /** A command that succeeds when it is so; `undefined`: the time is all that is waited for. */
  readonly probe: Sh | undefined;
}

/** What the program ends with when the time is over: timeout(1)'s own. */
export const TIMED_OUT = 124;

/** Looks again and again, without Python. A probe that ends with more than 1 cannot look at all. */
export function waitProgram({ delay, timeout, sleep, probe }: Waiting): Sh {
  const nothing = sh`sleep ${timeout}`;
  const loop = sh`rb_end=$((rb_began + ${timeout}))
while :; do
  rb_now=$(date +%s)
  rb_left=$((rb_end - rb_now))
  [ "$rb_left" -gt 0 ] || exit ${TIMED_OUT}
  rb_look
  case $? in 0) break ;; 1) ;; *) exit 2 ;; esac
  sleep ${sleep}
done`;
  return sh`rb_look() {
  ${probe ?? sh`:`}
}
rb_began=$(date +%s)
sleep ${delay}
rb_part found
${probe === undefined ? nothing : loop}
rb_part elapsed
echo "$(($(date +%s) - rb_began))"`;
}

export function pathProbe(path: string): Sh {
  return sh`[ -e ${path} ]`;
}

export function absentProbe(path: string): Sh {
  return sh`[ ! -e ${path} ]`;
}

/** Debian has bash always, and its /dev/tcp; elsewhere perl or nc will do. */
export function connectProbe(host: string, port: number, seconds: number): Sh {
  return sh`rb_wait=${seconds}
  [ "$rb_wait" -le "$rb_left" ] || rb_wait=$rb_left
  if command -v bash >/dev/null 2>&1; then
    timeout "$rb_wait" bash -c ${'exec 3<>"/dev/tcp/$0/$1"'} ${host} ${String(port)} 2>/dev/null || return 1
  elif command -v perl >/dev/null 2>&1; then
    perl -MIO::Socket::IP -e ${CONNECT} ${host} ${String(port)} "$rb_wait" || return 1
  elif command -v nc >/dev/null 2>&1; then
    nc -z -w "$rb_wait" ${host} ${String(port)} >/dev/null 2>&1 || return 1
  else
    echo 'to try a port the host needs bash, perl or nc' >&2
    return 2
  fi`;
}

const CONNECT = 'exit(IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1], Timeout => $ARGV[2]) ? 0 : 1)';

export function closedProbe(host: string, port: number, seconds: number): Sh {
  return sh`rb_open() {
  ${connectProbe(host, port, seconds)}
  }
  rb_open
  case $? in 0) return 1 ;; 1) return 0 ;; *) return 2 ;; esac`;
}

/** Prints what a match has caught: `1 HEX` by number, `name HEX` by name, `-` for a group that took no part. */
const CAUGHT = `sub caught { for my $i (1 .. $#+) { print "$i ", defined $-[$i] ? unpack("H*", substr($_[0], $-[$i], $+[$i] - $-[$i])) . "." : "-", "\\n" }
for my $n (sort keys %-) { print "$n ", defined $+{$n} ? unpack("H*", $+{$n}) . "." : "-", "\\n" } exit 0 }
my $re = eval { qr/$ARGV[0]/m }; if (!defined $re) { print STDERR "search_regex: $@"; exit 2 }`;

const IN_FILE = `${CAUGHT}
open(my $in, "<:raw", $ARGV[1]) or exit 1; local $/; my $text = <$in> // ""; caught($text) if $text =~ $re; exit 1`;

const ON_PORT = `${CAUGHT}
my $end = time + $ARGV[4];
my $s = IO::Socket::IP->new(PeerHost => $ARGV[1], PeerPort => $ARGV[2], Timeout => $ARGV[3]) or exit 1;
my $text = "";
while ((my $left = $end - time) > 0) {
  my $set = ""; vec($set, fileno($s), 1) = 1;
  next unless select(my $ready = $set, undef, undef, $left);
  sysread($s, $text, 1024, length $text) or exit 1;
  caught($text) if $text =~ $re;
}
exit 1`;

/** Perl's regular expressions are Python's in all that people use; perl-base is on every Debian. */
const NEEDS_PERL = sh`command -v perl >/dev/null 2>&1 || { echo 'search_regex needs perl on the host: install the package perl-base' >&2; return 2; }`;

export function searchProbe(path: string, regex: string): Sh {
  return sh`${NEEDS_PERL}
  perl -e ${IN_FILE} ${regex} ${path}`;
}

export function bannerProbe(host: string, port: number, seconds: number, regex: string): Sh {
  return sh`${NEEDS_PERL}
  rb_wait=${seconds}
  [ "$rb_wait" -le "$rb_left" ] || rb_wait=$rb_left
  perl -MIO::Socket::IP -e ${ON_PORT} ${regex} ${host} ${String(port)} "$rb_wait" "$rb_left"`;
}

export interface Connections {
  readonly port: number;
  /** Of proc_net_tcp(5), in hex. */
  readonly states: readonly string[];
  readonly local: readonly string[];
  readonly excluded: readonly string[];
}

/** Beginnings of local addresses that stand for all of a family. */
export const ALL_V4 = 'v4';
export const ALL_V6 = 'v6';

/** Whether nobody is connected to a port of the host, as /proc/net/tcp and tcp6 have it. */
export function drainedProbe({ port, states, local, excluded }: Connections): Sh {
  const words = (list: readonly string[]) => ` ${list.join(' ')} `;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return sh`for rb_file in /proc/net/tcp /proc/net/tcp6; do [ ! -r "$rb_file" ] || cat "$rb_file"; done |
    awk -v port=${hex} -v states=${words(states)} -v own=${words(local)} -v others=${words(excluded)} '
      function is(list, word) { return index(list, " " word " ") > 0 }
      {
        split($2, here, ":"); split($3, there, ":"); mapped = here[1] ~ /^0000000000000000FFFF0000/
        family = length(here[1]) == 8 || mapped ? "v4" : "v6"
        mine = is(own, here[1]) || is(own, family) || (mapped && is(own, "v6"))
        if (here[2] == port && is(states, $4) && !is(others, there[1]) && mine) count++
      }
      END { exit (count > 0) }'`;
}
