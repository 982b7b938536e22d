require 'webrick'

server = WEBrick::HTTPServer.new(Port: 8000, AccessLog: [])
server.mount_proc('/') { |_, response| response.body = "ruby #{RUBY_VERSION[0]}\n" }
trap('TERM') { server.shutdown }
server.start
