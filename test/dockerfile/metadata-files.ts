const scratch = (...lines: readonly string[]): string => `FROM scratch\n${lines.join('\n')}\n`;
const alone = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** Dockerfiles whose image has no files: each instruction that changes the config, and what expands in it. */
export const metadataFiles: Readonly<Record<string, string>> = {
  ENV: scratch('ENV A=b "C D"=e F="g h" I=\'$A\' J=$A K=x\\ y', 'ENV A=${A}2 L=${M:-n} O=${A:+p}q', 'ENV legacy  one  two', 'ENV PATH=/bin:$PATH'),
  'ENV with patterns': scratch('ENV P=/usr/local/lib/libx.so.1.so', 'ENV A=${P#*/} B=${P##*/} C=${P%.so*} D=${P%%.so*} E=${P/lib/LIB} F=${P//lib/LIB} G=${P#/usr} H=${P%1}', 'ENV I=${A#\\*} J=${P//l?b/X} K=${P/nothing/x}'),
  'ARG and ENV': scratch('ARG A=1', 'ARG B=$A C="x y" D', 'ENV E=$A$B$C$D', 'ENV A=2', 'ENV F=$A', 'ARG A=3', 'ENV G=$A'),
  'global ARG': alone('ARG V=1', 'ARG W=${V}2', 'FROM scratch', 'ENV A=$V', 'ARG V', 'ARG W=3', 'ENV B=$V C=$W'),
  'platform ARG': scratch('ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDARCH TARGETSTAGE', 'ENV A=$TARGETPLATFORM-$TARGETOS-$TARGETARCH-$TARGETVARIANT-$BUILDPLATFORM-$BUILDARCH-$TARGETSTAGE'),
  LABEL: scratch('LABEL a=b "c d"="e f" g=\'h\' empty=', 'LABEL a=$PATH', 'LABEL multi="line \\', '  more"'),
  'CMD and ENTRYPOINT': scratch('CMD ["a", "b\\u00e9", "\\"q\\""]', 'ENTRYPOINT exec  top -b'),
  'CMD as a shell has it': scratch('CMD echo "$HOME"   x'),
  'ENTRYPOINT takes the CMD of the stage below away': alone('FROM scratch AS a', 'CMD ["x"]', 'ENTRYPOINT ["y"]', 'FROM a', 'ENTRYPOINT ["z"]'),
  'no ENTRYPOINT': alone('FROM scratch AS a', 'ENTRYPOINT ["y"]', 'FROM a', 'ENTRYPOINT []'),
  SHELL: scratch('SHELL ["/bin/bash", "-o", "pipefail", "-c"]', 'CMD true'),
  EXPOSE: scratch('EXPOSE 443 80/udp 8000-8003 53/UDP', 'ENV P="1 2/sctp"', 'EXPOSE $P'),
  VOLUME: scratch('VOLUME /a /b', 'VOLUME ["/c d", "/$x"]', 'ENV y=/e', 'VOLUME $y'),
  'USER and WORKDIR at the root': scratch('ENV u=me', 'USER $u:staff', 'WORKDIR /', 'STOPSIGNAL SIGQUIT'),
  STOPSIGNAL: scratch('ENV s=RTMIN+3', 'STOPSIGNAL $s'),
  HEALTHCHECK: scratch('HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=2h --start-interval=1500us --retries=5 CMD curl -f http://localhost/ || exit 1'),
  'HEALTHCHECK as JSON': scratch('HEALTHCHECK CMD ["a", "b"]'),
  'HEALTHCHECK NONE': scratch('HEALTHCHECK NONE'),
  ONBUILD: scratch('ONBUILD RUN  true', 'onbuild  copy a b', 'ONBUILD RUN <<EOF', '  echo', 'EOF'),
  'ONBUILD of the stage below': alone('FROM scratch AS a', 'ONBUILD ENV A=b', 'ONBUILD LABEL c=$A', 'FROM a', 'ENV D=$A'),
  MAINTAINER: scratch('MAINTAINER  Some One  <one@example.test>'),
  'the other escape': alone('# escape=`', 'FROM scratch', 'ENV A=a`', '  B=`$A C="x`"y" D=\\n'),
  'a stage on a stage': alone('FROM scratch AS a', 'ARG X=1', 'ENV A=$X', 'FROM a AS b', 'ENV B=$X', 'LABEL x=y', 'FROM b', 'ENV C=$B'),
  'lower case, comments and continuations': alone('from scratch', '# comment', 'env a=b \\', '  # inside', '  c=d', 'label \\', '', ' e=f'),
  'quotes': scratch(`LABEL a="it's" b='say "x"' c=it\\'s d="\\$PATH" e='\\n' f="\\n" g=a"b"c`),
};
