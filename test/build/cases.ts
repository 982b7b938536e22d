/** One Dockerfile of the differential test. */
export interface BuildCase {
  readonly name: string;
  readonly dockerfile: string;
  /** Beside those that every case has: contents by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The build has to fail, with the same words. */
  readonly fails?: boolean;
}

/** What every context has. */
export const COMMON_FILES: Readonly<Record<string, string>> = {
  'hello.txt': 'hello\n', 'src/a.go': 'package a\n', 'src/b.txt': 'b\n', 'src/deep/c.go': 'package c\n', 'src/deep/d.md': '# d\n', 'script.sh': '#!/bin/sh\necho script\n', secret: 'canary\n',
};

const BASE = 'FROM gantry-build-base\n';

export const BUILD_CASES: readonly BuildCase[] = [
  { name: 'an image alone', dockerfile: BASE },
  { name: 'files on nothing', dockerfile: 'FROM scratch\nCOPY hello.txt /\nCOPY src /src\n' },
  { name: 'RUN in shell and exec form', dockerfile: `${BASE}RUN echo one > /one && mkdir -p /d/e && chmod 700 /d\nRUN ["/bin/sh", "-c", "echo two > /two; rm /one"]\n` },
  { name: 'a heredoc for RUN', dockerfile: `${BASE}RUN <<EOF\necho a > /a\necho b > /b\nEOF\nRUN <<END sh\necho c > /c\nEND\n` },
  { name: 'heredocs for COPY', dockerfile: `${BASE}ARG X=value\nCOPY <<one <<"two" /docs/\n$X\none\n$X\ntwo\nCOPY --chmod=600 --chown=3:4 <<EOF /file\ntext\nEOF\n` },
  { name: 'an interpreter in a heredoc', dockerfile: `${BASE}RUN <<EOF\n#!/bin/sh\necho script > /made\nEOF\n` },
  { name: 'ENV in all forms', dockerfile: `${BASE}ENV A=1 B="two words" C=c\\ d\nENV D $A-x\nENV E=\${A:-no} F=\${MISSING:-yes} G=\${A:+set}\nRUN echo "$A $B $C $D $E $F $G" > /env\n` },
  { name: 'ARG and its scopes', dockerfile: `ARG TAG=latest\nFROM gantry-build-base:$TAG\nARG TAG\nARG NAME=default\nARG GIVEN\nRUN echo "$TAG $NAME $GIVEN" > /args\nENV NAME=$NAME\n`, args: ['--build-arg', 'GIVEN=given', '--build-arg', 'NAME=changed'] },
  { name: 'platform arguments', dockerfile: `${BASE}ARG TARGETPLATFORM\nARG TARGETARCH\nARG BUILDOS\nRUN echo "$TARGETPLATFORM $TARGETARCH $BUILDOS" > /platform\n` },
  { name: 'WORKDIR', dockerfile: `${BASE}WORKDIR /a\nWORKDIR b\nWORKDIR ../c\nRUN pwd > where\nWORKDIR /tmp\n` },
  { name: 'USER and what RUN makes', dockerfile: `${BASE}RUN mkdir /u && chown 12:34 /u\nUSER 12:34\nRUN id > /u/id\nWORKDIR /u/w\n` },
  { name: 'LABEL, EXPOSE, VOLUME, STOPSIGNAL', dockerfile: `${BASE}LABEL a=b "c d"="e f"\nLABEL g=h\nEXPOSE 80 53/udp 7000-7002\nVOLUME /data ["/x"]\nVOLUME ["/y", "/z"]\nSTOPSIGNAL SIGINT\n` },
  { name: 'CMD and ENTRYPOINT', dockerfile: `${BASE}ENTRYPOINT ["/bin/sh", "-c"]\nCMD echo hi\n` },
  { name: 'HEALTHCHECK', dockerfile: `${BASE}HEALTHCHECK --interval=5s --timeout=3s --start-period=1s --start-interval=2s --retries=4 CMD test -f /x || exit 1\n` },
  { name: 'HEALTHCHECK NONE', dockerfile: `${BASE}HEALTHCHECK NONE\n` },
  { name: 'SHELL', dockerfile: `${BASE}SHELL ["/bin/ash", "-ec"]\nRUN echo \$0 > /shell\nCMD echo x\n` },
  { name: 'ONBUILD and MAINTAINER', dockerfile: `${BASE}MAINTAINER somebody\nONBUILD RUN echo later > /later\nONBUILD COPY hello.txt /hello\n` },
  { name: 'triggers of a stage', dockerfile: `${BASE.replace('\n', ' AS parent\n')}ONBUILD RUN echo later > /later\nFROM parent\nRUN echo own > /own\n` },
  { name: 'stages and COPY --from', dockerfile: `${BASE.replace('\n', ' AS build\n')}RUN mkdir /out && echo built > /out/app && chmod 751 /out/app && chown 5:6 /out/app && ln -s app /out/link\n${BASE}COPY --from=build /out /opt/\nCOPY --from=build /out/app /single\nCOPY --from=0 /out/app /by-number/\n` },
  { name: 'a stage of its own as target', dockerfile: `${BASE.replace('\n', ' AS first\n')}RUN echo first > /first\nFROM first AS second\nRUN echo second > /second\nFROM second\nRUN false\n`, args: ['--target', 'second'] },
  { name: 'COPY --from an image', dockerfile: 'FROM scratch\nCOPY --from=gantry-build-base /etc/passwd /passwd\n' },
  { name: 'COPY with owner and mode', dockerfile: `${BASE}COPY --chown=user:34 hello.txt /numbers\nCOPY --chown=7 --chmod=4755 script.sh /bin/script\nCOPY --chown=user src /owned\nCOPY --chmod=u=rwX,go=rX src /symbolic\n` },
  { name: 'COPY with wildcards', dockerfile: `${BASE}COPY src/*.go src/deep/?.md /w/\nCOPY hel[a-z]o.txt /\nCOPY s*c /all/\n` },
  { name: 'COPY of several sources and into existing places', dockerfile: `${BASE}RUN mkdir /there && echo old > /there/hello.txt && chmod 711 /there\nCOPY hello.txt script.sh /there/\nCOPY src /there\nCOPY src/. /dot/\n` },
  { name: 'COPY --exclude', dockerfile: `${BASE}COPY --exclude=*.go --exclude=deep/d* src /x/\nCOPY --exclude=**/*.go src /y/\n` },
  { name: 'COPY --link', dockerfile: `${BASE}COPY --link hello.txt /linked/\nCOPY --link --chown=2:3 src /owned/\nRUN echo after > /after\n` },
  { name: 'COPY through links of the image', dockerfile: `${BASE}RUN mkdir /real && ln -s /real /abs && ln -s real /rel\nCOPY hello.txt /abs/a\nCOPY hello.txt /rel/\n` },
  { name: 'ADD of an archive and of a file', dockerfile: `${BASE}ADD archive.tar.gz /un/\nADD archive.tar.gz /un2\nADD hello.txt /added/\n` },
  { name: 'a .dockerignore', dockerfile: `${BASE}COPY . /ctx/\n`, files: { '.dockerignore': '# comment\n*\n!src\nsrc/**/*.go\n!src/a.go\n' } },
  { name: 'a mount of a stage and of the context', dockerfile: `${BASE.replace('\n', ' AS tools\n')}RUN echo tool > /tool\n${BASE}RUN --mount=type=bind,from=tools,source=/tool,target=/mnt/tool --mount=target=/ctx,source=src cat /mnt/tool /ctx/a.go > /both\nRUN --mount=type=bind,target=/w,rw echo lost > /w/new && ls /w > /list\n` },
  { name: 'cache and tmpfs mounts', dockerfile: `${BASE}RUN --mount=type=cache,target=/cache,id=diff-a,uid=3,mode=0700 stat -c '%u %a' /cache > /cache-mode && echo x > /cache/x\nRUN --mount=type=tmpfs,target=/scratch echo x > /scratch/x && cp /scratch/x /kept\n` },
  { name: 'secrets', dockerfile: `${BASE}RUN --mount=type=secret,id=key cat /run/secrets/key | wc -c > /size\nRUN --mount=type=secret,id=key,target=/etc/key,mode=0440,uid=3 stat -c '%a %u' /etc/key > /stat\nRUN --mount=type=secret,id=key,env=KEY echo \${#KEY} > /length\nRUN --mount=type=secret,id=absent ls /run/secrets 2>/dev/null | wc -l > /none\n`, args: ['--secret', 'id=key,src=secret'] },
  { name: 'networks of RUN', dockerfile: `${BASE}RUN --network=none ls /sys/class/net > /none\nRUN cat /etc/hostname > /host 2>/dev/null; hostname > /name\n` },
  { name: 'what a container is given leaves no trace', dockerfile: `FROM scratch\nCOPY --from=gantry-build-base /bin /bin\nRUN ["/bin/sh", "-c", "echo x > /x"]\n` },
  { name: 'labels and a name of the command line', dockerfile: `${BASE}LABEL a=file b=file\n`, args: ['--label', 'a=line', '--label', 'z=1'] },
  { name: 'set-id bits, FIFOs and devices', dockerfile: `${BASE}RUN touch /s && chown 5:6 /s && chmod 6755 /s && mkfifo /pipe && mknod /null c 1 3 && mkdir /t && chmod 1777 /t\nRUN ln /s /hard && mv /pipe /moved && rm /null\n` },
  { name: 'whole directories replaced', dockerfile: `${BASE}RUN mkdir -p /d/e && echo 1 > /d/e/f\nRUN rm -r /d && mkdir /d && echo 2 > /d/g\nRUN rm -r /d && echo 3 > /d\n` },
  { name: 'a failing command', dockerfile: `${BASE}RUN echo before\nRUN echo words; exit 7\n`, fails: true },
  { name: 'a command that is not there', dockerfile: `${BASE}RUN no-such-command\n`, fails: true },
  { name: 'a missing file', dockerfile: `${BASE}COPY helo.txt /x\n`, fails: true },
  { name: 'an unknown instruction', dockerfile: `${BASE}RUNN true\n`, fails: true },
  { name: 'an unknown stage as target', dockerfile: `${BASE}`, args: ['--target', 'nowhere'], fails: true },
  { name: 'a secret that is required', dockerfile: `${BASE}RUN --mount=type=secret,id=nope,required=true true\n`, fails: true },
  { name: 'a file where a directory is', dockerfile: `${BASE}COPY hello.txt /etc\nCOPY src /bin/sh\n`, fails: true },
  { name: 'no Dockerfile', dockerfile: BASE, args: ['-f', 'Nowhere'], fails: true },
];
