import type { BuildCase } from './cases.ts';

const BASE = 'FROM gantry-build-base\n';
const STAGE = (name: string): string => `FROM gantry-build-base AS ${name}\n`;

/** What people write who have used Dockerfiles for years. `SERVER` is an address at which the context is served. */
export const MORE_CASES: readonly BuildCase[] = [
  { name: 'heredocs of several kinds in one file', dockerfile: `${BASE}ARG X=value
RUN <<-EOF
\tset -e
\techo "$X" > /dash
\t\techo indented > /dash2
EOF
RUN cat <<EOF > /plain
$X \${X} \\$X "quoted"
  kept spaces

EOF
RUN cat <<'EOF' > /single
$X \${X} \\$X
EOF
RUN <<ONE cat > /one && <<TWO cat > /two
first $X
ONE
second
TWO
RUN <<EOF sh -e
echo by sh > /bysh
EOF
RUN <<EOF
#!/bin/sh -e
echo "$0" | wc -c > /shebang
EOF
` },
  { name: 'heredocs for COPY and ADD of several kinds', dockerfile: `${BASE}ARG X=value
ENV Y=env
COPY <<-EOF /dash.txt
\t\tone $X
\ttwo $Y
EOF
COPY <<"EOF" /quoted.txt
$X \${Y} \\$X
EOF
COPY <<EOF hello.txt <<other.conf /mixed/
a $X \${MISSING:-none}
EOF
b \\$X
other.conf
ADD --chmod=0640 --chown=user:extra <<EOF /added
text
EOF
COPY <<EOF /empty
EOF
WORKDIR /w
COPY <<EOF relative
r
EOF
` },
  { name: 'ADD and COPY with exclusions', dockerfile: `${BASE}ADD --exclude=deep src /a/
COPY --exclude=a.go --exclude=!deep/c.go src /b/
COPY --exclude=** src /c/
COPY --exclude=src/** . /d/
COPY --exclude=hello.txt hello.txt script.sh /e/
` },
  { name: 'COPY --link with a numeric owner and modes', dockerfile: `${BASE}COPY --link --chown=7:8 --chmod=711 src /l/
COPY --link hello.txt /etc/hello
COPY --link --from=gantry-build-base /etc/passwd /from/image
WORKDIR /home/user
COPY --link script.sh /opt/
` },
  { name: 'COPY --link with an owner by name', dockerfile: `${BASE}COPY --link --chown=user src /l/\n` },
  { name: 'owners by name of users that RUN made', dockerfile: `${BASE}RUN echo 'app:x:1234:4321::/app:/bin/sh' >> /etc/passwd && echo 'app:x:4321:' >> /etc/group
COPY --chown=app:app hello.txt /a/b/
COPY --chown=app src /app/
COPY --chown=:app hello.txt /group
COPY --chown=1234 hello.txt /number
USER app
WORKDIR /home/app/x
COPY --chown=user:app hello.txt ./
RUN id -u > /tmp/id
` },
  { name: 'an owner that is not there', dockerfile: `${BASE}COPY --chown=nobody-here hello.txt /x\n` },
  { name: 'expansions of ARG before FROM', dockerfile: `ARG NAME=gantry-build-base.tar.gz
ARG EMPTY=
ARG BASE=\${NAME%%.*}
ARG PRE=\${EMPTY:-gantry}
FROM \${PRE}-\${BASE#*-} AS one
ARG NAME
ARG EMPTY
ARG UNSET
RUN echo "[\${NAME}]" > /name
LABEL a=\${NAME#*-} b=\${NAME##*-} c=\${NAME%.*} d=\${NAME%%.*} e=\${NAME/-/_} f=\${NAME//-/_} g=\${EMPTY:-dflt} h=\${EMPTY-dflt} i=\${EMPTY:+set} j=\${EMPTY+set} k=\${UNSET:-u} l=\${UNSET+s}x m=\${NAME:+"q q"} n="\${UNSET:-\${NAME%.gz}}"
ENV E1=\${NAME#gantry*-} E2=\${NAME%.t?r*} E3='\${NAME}' E4="\\\${NAME}" E5=\\$NAME
FROM \${UNKNOWN:-one}
COPY hello.txt /\${NAME:-none}/
` },
  { name: 'a value that has to be given', dockerfile: `${BASE}ARG VERSION\nENV V=\${VERSION:?set VERSION}\n`, fails: true },
  { name: 'ARG twice, and what a stage sees of another', dockerfile: `ARG A=global
${STAGE('one')}ARG A=one
ARG A
RUN echo $A > /a1
FROM one AS two
RUN echo "[$A]" > /a2
ARG B=$A-b C=c\${A:+x}
RUN echo "[$B] [$C]" > /b
ENV B=env
RUN echo "[$B]" > /b2
` , args: ['--build-arg', 'B=line'] },
  { name: 'SHELL, and forms of commands after it', dockerfile: `${BASE}SHELL ["/bin/sh", "-xec"]
RUN echo "a"   >   /a && \\
    # a comment within
    echo b > /b
ENTRYPOINT echo "$HOME"
CMD ["a", "b"]
SHELL ["/bin/ash", "-c"]
HEALTHCHECK CMD echo ok
CMD echo x && echo y
RUN ["sh", "-c", "echo exec > /exec"]
RUN [not, json] || echo shell > /notjson
` },
  { name: 'triggers that bring triggers', dockerfile: `${STAGE('one')}ONBUILD ARG X=trigger
ONBUILD ENV FROM_TRIGGER=$X
ONBUILD COPY hello.txt /t/hello
ONBUILD RUN echo "$X" > /t/x
FROM one AS two
ONBUILD RUN echo two > /t/two
RUN ls /t > /list
FROM two
RUN ls /t > /list2
` },
  { name: 'a trigger that is not allowed', dockerfile: `${BASE}ONBUILD ONBUILD RUN true\n`, fails: true },
  { name: 'cache mounts from a stage, with owners', dockerfile: `${STAGE('seed')}RUN mkdir -p /seed/d && echo seed > /seed/f && chown 3:4 /seed/f
${BASE}RUN --mount=type=cache,id=more-a,target=/c,from=seed,source=/seed,uid=3,gid=4,mode=0750 stat -c '%u %g %a' /c > /stat; cat /c/f > /seeded; echo more > /c/more
RUN --mount=type=cache,id=more-a,target=/c,from=seed,source=/seed ls /c > /again
RUN --mount=type=cache,target=/root/.cache --mount=type=cache,target=/var/lib/x,sharing=locked,id=more-b,uid=1000 stat -c '%u %g %a' /root/.cache /var/lib/x > /stats
RUN --mount=type=cache,target=/ro,ro,id=more-c ( touch /ro/x 2>&1 || echo readonly ) > /ro-says
RUN ls -d /c /root/.cache /var/lib/x /ro > /left 2>&1 || true
` },
  { name: 'secrets as files and variables', dockerfile: `${BASE}RUN --mount=type=secret,id=key,env=TOKEN [ "$TOKEN" = canary ] && echo right > /r; env | grep -c TOKEN > /count
RUN --mount=type=secret,id=key,env=TOKEN,target=/t cat /t | wc -c > /both
RUN --mount=type=secret,target=key ls -l /run/secrets/key | cut -d' ' -f1 > /mode
RUN --mount=type=secret,id=given,required=true cat /run/secrets/given | wc -c > /given
RUN env | grep -c TOKEN > /after || true
`, args: ['--secret', 'id=key,src=secret', '--secret', 'id=given,env=PATH'] },
  { name: 'RUN --network=none has a loopback that is up', dockerfile: `${BASE}RUN --network=none ip addr show lo | grep -c 'inet 127' > /lo; cat /proc/net/route | wc -l > /routes; ls /sys/class/net > /links\n` },
  { name: 'mounts of several kinds with modes', dockerfile: `${STAGE('tools')}RUN mkdir /tools && echo t > /tools/t
${BASE}WORKDIR /work
RUN --mount=type=bind,from=tools,source=/tools,target=/mnt/tools,rw echo x > /mnt/tools/x && ls /mnt/tools > /list
RUN --mount=type=bind,source=hello.txt,target=hello.txt cat hello.txt > /copy; ( echo x > hello.txt ) 2>&1 | wc -l > /ro
RUN --mount=type=tmpfs,target=/big,size=1048576 df -k /big | tail -n 1 | awk2 2>/dev/null; mount | grep -c ' /big ' > /mounted
RUN --mount=target=. ls > /all
RUN --mount=type=bind,from=gantry-build-base,target=/img ls /img/etc > /img-etc
` },
  { name: 'a bind mount of a path that is not there', dockerfile: `${BASE}RUN --mount=type=bind,source=absent,target=/x true\n`, fails: true },
  { name: 'a mount of a kind that is not there', dockerfile: `${BASE}RUN --mount=type=volume,target=/x true\n`, fails: true },
  { name: 'a named context is a directory', dockerfile: `FROM base-image\nCOPY --from=other deep /d\nRUN --mount=from=other,target=/o ls /o > /o-list\nCOPY --from=other --chown=9:9 a.go /a\n`, args: ['--build-context', 'other=src', '--build-context', 'base-image=docker-image://gantry-build-base'] },
  { name: 'a named context stands in for a stage', dockerfile: `${STAGE('deps')}RUN false\n${BASE}COPY --from=deps a.go /a\n`, args: ['--build-context', 'deps=src'] },
  { name: 'files of a server', dockerfile: `${BASE}ADD SERVER/hello.txt /one
ADD SERVER/src/b.txt SERVER/script.sh /dir/
ADD --chmod=755 --chown=3:4 SERVER/hello.txt /two
ADD --checksum=sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 SERVER/hello.txt /three
ADD SERVER/archive.tar.gz /packed/
ADD --unpack SERVER/archive.tar.gz /unpacked/
ADD --unpack=false archive.tar.gz /kept/
` },
  { name: 'a file of a server with another checksum', dockerfile: `${BASE}ADD --checksum=sha256:0000b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 SERVER/hello.txt /x\n`, fails: true },
  { name: 'a file that a server does not have', dockerfile: `${BASE}ADD SERVER/absent /x\n`, fails: true },
  { name: 'ADD of an address without a name', dockerfile: `${BASE}ADD SERVER/ /x/\n`, fails: true },
  { name: 'directories, owners and times of WORKDIR', dockerfile: `${BASE}USER user:extra
WORKDIR /made/by/workdir
USER 55
WORKDIR sub
RUN stat -c '%a %u:%g' /made /made/by/workdir . > /tmp/l || true
ENV D=/from/env
WORKDIR \$D/x
WORKDIR /tmp/../t2/.
` },
  { name: 'LABEL, ENV and EXPOSE of many forms', dockerfile: `${BASE}ARG P=8080
LABEL multi="line \\
two" single='a $P "b"' esc=a\\ b empty="" plain=$P
LABEL com.example.key value with spaces $P
ENV ONE two three $P
ENV PATH=\$PATH:/opt/bin Q="a\\"b" R='c"d' S=e\\\\f T="\$P-\${P}x"
EXPOSE \$P \${P}/udp 1000-1002/tcp
VOLUME /v1 /v2/\$P
VOLUME ["/v3", "/v4 x"]
STOPSIGNAL \${SIG:-SIGQUIT}
USER \${U:-user}
CMD ["sh", "-c", "echo \$P"]
` },
  { name: 'an escape of its own, and continued lines', dockerfile: `# escape=\`\n${BASE}RUN echo one && \`\n  # within\n\n  echo two > /two\nENV A=c:\\dir B=\`$A\nRUN echo done > /done \`\n\n&& echo x > /x\n` },
  { name: 'a byte order mark', dockerfile: `\uFEFF${BASE}RUN echo x > /x\n` },
  { name: 'files over directories, and back, through COPY', dockerfile: `${BASE}RUN mkdir -p /d/sub /e && ln -s /e /link && echo 1 > /d/f
COPY src/b.txt /d/f
COPY src /link
COPY src/deep /d/sub/
COPY hello.txt /link/x/
COPY . /all
` },
  { name: 'COPY into a place that is a link to nothing', dockerfile: `${BASE}RUN ln -s /nowhere/x /dangling && ln -s self /self2\nCOPY hello.txt /dangling\nCOPY src /self2/\n` },
  { name: 'COPY of nothing that matches', dockerfile: `${BASE}COPY nothing*.x /x/\n` },
  { name: 'COPY outside of the context', dockerfile: `${BASE}COPY ../../hello.tx* /x/\nCOPY /src/../src/b.txt /y\nCOPY ../src/deep /z\n` },
  { name: 'a wildcard below a directory that is not there', dockerfile: `${BASE}COPY absent/*.x /x/\n`, fails: true },
  { name: 'a wildcard in the middle that matches nothing', dockerfile: `${BASE}COPY no*/*.go /y/\nCOPY src /z\nCOPY src/no*/x /x/\n` },
  { name: 'a wildcard below a directory that a stage does not have', dockerfile: `${BASE}COPY --from=gantry-build-base /absent/dir/* /x/\n`, fails: true },
  { name: 'a wildcard below a file', dockerfile: `${BASE}COPY hello.txt/*.x /x/\n`, fails: true },
  { name: 'a directory with a slash as source, and modes', dockerfile: `${BASE}COPY --chmod=711 src /l/\nCOPY --chmod=711 --chown=7:8 src/ /m\nCOPY --link --chmod=711 src /n\nADD --chmod=750 src /o/p/\n` },
  { name: 'the directory of a copy is made, and what it holds is copied', dockerfile: `${STAGE('s')}RUN mkdir -p /s/t /w/x /ex/y/z && echo 1 > /s/t/f && chown -R 5:6 /s && chmod 700 /s && chmod 710 /s/t && chmod 2770 /w/x && echo 1 > /w/x/q && echo 1 > /ex/y/z/f && chmod 700 /ex /ex/y
${BASE}COPY --from=s /s /new1
COPY --from=s /s /new2/
COPY --from=s /s /new3/deep/er
COPY --from=s --chown=7:7 /s /new4
COPY --from=s --chmod=755 /s /new5
COPY --from=s /w /new6
COPY --from=s /w/x /new7
COPY --from=s /s/t /s/t
COPY --from=s --chown=8 /s/t/f /p/q/
COPY --from=s --exclude=y/z/f /ex /exn
COPY --from=s --chmod=g+w /s /sy
COPY --from=s /s* /gm
COPY --from=s --link /s /lk/a
COPY --from=s --chmod=2770 /s /st
` },
  { name: 'modes of files and of the directories that are made for them', dockerfile: `${BASE}COPY --chmod=640 hello.txt /f1/g/
COPY --chmod=640 hello.txt /f2/g/name
COPY --chmod=u=rwX,go= src /f3/g/
COPY --chmod=777 src /d2/e/
COPY --chmod=600 <<EOF /h1/i/
x
EOF
ADD --chmod=640 archive.tar.gz /a1/b/
RUN mkdir -p /d5/e
COPY --chmod=711 src /d5/e
COPY --chmod=+x hello.txt /p1/q/
` },
  { name: 'names that are no ASCII, and with spaces', dockerfile: `${BASE}COPY gr\u00fc\u00df.txt /\u00fcber/
COPY ["with space.txt", "/two words/"]
COPY gr*.txt /w/
COPY --exclude=gr\u00fc* *.txt /x/
`, files: { 'gr\u00fc\u00df.txt': 'x', 'with space.txt': 'y' } },
  { name: 'a trailing slash on a file', dockerfile: `${BASE}COPY hello.txt/ /x\n` },
  { name: 'several sources into no directory', dockerfile: `${BASE}COPY hello.txt script.sh /x\n` },
  { name: 'flags that are not there', dockerfile: `${BASE}COPY --form=x hello.txt /x\n`, fails: true },
  { name: 'a stage that stands on itself', dockerfile: `FROM two AS one\nFROM one AS two\nCOPY --from=two /x /y\n`, fails: true },
  { name: 'COPY from a stage that comes later', dockerfile: `${STAGE('one')}COPY --from=later /x /y\n${STAGE('later')}FROM one\n`, fails: true },
  { name: 'an instruction before FROM', dockerfile: `RUN true\n${BASE}`, fails: true },
  { name: 'an empty file', dockerfile: '# nothing\n', fails: true },
  { name: 'a heredoc without an end', dockerfile: `${BASE}RUN <<EOF\necho x\n`, fails: true },
  { name: 'a health check that is wrong', dockerfile: `${BASE}HEALTHCHECK --interval=fast CMD true\n`, fails: true },
  { name: 'a RUN that ends by a signal', dockerfile: `${BASE}RUN sh -c 'kill -9 $$'; exit $?\n`, fails: true },
  { name: 'a working directory that a file is', dockerfile: `${BASE}RUN echo x > /f\nWORKDIR /f\nRUN pwd\n`, fails: true },
  { name: 'a user that is not there', dockerfile: `${BASE}USER ghost\nRUN true\n`, fails: true },
];
