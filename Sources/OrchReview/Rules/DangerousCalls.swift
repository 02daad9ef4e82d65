/// Calls and settings that are dangerous by what they do, whatever the words around them.
enum DangerousCalls {
  private static let exec: [Pattern] =
    [
      "eval(", "popen(", "execsync(", "execfile(", "execfilesync(", "execv(", "execve(", "execvp(", "execl(", "execlp(",
      "spawnsync(", "shell_exec(", "passthru(", "proc_open(", "dlopen(", "document.write(",
      "new function(", "sh-c", "bash-c", "zsh-c",
    ].map { Pattern($0, .exec, left: .boundary) }
    + ["exec(", "system("].map { Pattern($0, .exec, left: .function) }
    + [
      "child_process", "os.system(", "os.exec", "subprocess.", "shell=true", "exec.command", "runtime.getruntime(",
      "processbuilder(", "command::new(", "yaml.unsafe_load",
      "dangerouslysetinnerhtml", "innerhtml=", "__import__(", "posix_spawn", "vm.runin",
      "window.eval", "globalthis.eval", "from subprocess", "import subprocess",
    ].map { Pattern($0, .exec) }
    + ["|sh", "|bash", "|zsh", "|sudo", "|python", "|python3", "|node"].map { Pattern($0, .exec, endsWord: true) }
    + [Pattern("Process()", .exec, left: .boundary, isCaseSensitive: true)]

  private static let transport: [Pattern] = [
    "verify=false", "verify:false", "verify_ssl=false", "verifyssl=false", "verify_none", "cert_none",
    "check_hostname=false", "insecureskipverify", "rejectunauthorized:false", "rejectunauthorized=false",
    "node_tls_reject_unauthorized", "_create_unverified_context", "--insecure", "--no-check-certificate",
    "sslverify=false", "sslverify false", "stricthostkeychecking=no", "stricthostkeychecking no", "curl-k",
    "allow_all_hostname_verifier", "servercertificatevalidationcallback", "strictssl=false", "strict-ssl=false",
    "strict-ssl false", "danger_accept_invalid", "--trusted-host", "ssl_verifypeer", "ssl_verifyhost",
    "nsallowsarbitraryloads", "usescleartexttraffic", "verify_signature\":false", "verify_signature=false",
  ].map { Pattern($0, .transport) }

  private static let permissions: [Pattern] = ["0o777", "0777", "0o666", "0666"].map {
    Pattern($0, .permissions, left: .boundary, endsWord: true)
  }

  /// What an application asks a system for.
  private static let rights: [Pattern] = [
    "<uses-permission", "usagedescription</key>", "<key>com.apple.security.", "android:exported=\"true",
  ].map { Pattern($0, .permissions) }

  private static let deserialisation: [Pattern] = [
    "pickle.load", "cpickle.load", "dill.load", "joblib.load(", "shelve.open(", "jsonpickle", "marshal.load(",
    "marshal.loads(", "yaml.load(",
    "yaml.full_load", "torch.load(", "unserialize(", "objectinputstream", "readobject()", "xmldecoder(",
    "binaryformatter", "netdatacontractserializer", "losformatter", "soapformatter", "typenamehandling",
    "enabledefaulttyping",
    "activatedefaulttyping", "nskeyedunarchiver", "nssecurecoding", "requiressecurecoding=false",
    "new yaml()", "xstream()", "node-serialize", "marshal.restore(", "oj.load(", "yaml::load(", "psych.load(",
    "allow_pickle=true",
    "resolve_entities=true", "noent:true", "libxml_noent", "setexpandentityreferences(true",
  ].map { Pattern($0, .deserialisation, left: .boundary) }

  private static let network: [Pattern] =
    [
      "requests.get(", "requests.post(", "requests.put(", "requests.delete(", "requests.request(", "requests.session(",
      "import requests",
      "urllib.request", "urlopen(", "import httpx", "httpx.", "aiohttp.", "socket.socket(", "smtplib.", "ftplib.",
      "paramiko.",
      "http.get(", "http.post(", "http.newrequest", "http.listenandserve", "net.dial", "net.listen(", "grpc.dial",
      "grpc.newclient",
      "urlsession.shared", "urlsession(", "nwconnection(", "nwlistener(", "reqwest::", "hyper::client",
      "tcpstream::connect",
      "tcplistener::bind", "udpsocket::bind", "axios.", "axios(", "xmlhttprequest(", "new websocket(", "websocket(",
      "eventsource(",
      "sendbeacon(", "http.createserver(", "https.request(", "http.request(", "net.createserver(", "net.connect(",
      "dgram.createsocket(",
      "httpclient.newhttpclient", "new httpclient(", "new webclient(", "httpwebrequest", "okhttpclient(",
      "okhttpclient.builder",
      ".openconnection(", "new socket(", "serversocket(", "datagramsocket(", "new tcpclient(", "tcplistener(",
      "resttemplate(",
      "webclient.create(", "net::http", "open-uri", "uri.open(", "faraday.new", "httparty.", "tcpsocket.new",
      "tcpserver.new", "curl_init(",
      "curl_exec(", "fsockopen(", "stream_socket_client(", "new guzzle", "new client(['base_uri", "dns.resolve(",
      "dns.lookup(",
    ].map { Pattern($0, .network, left: .boundary) }
    + [
      "fetch(\"http", "fetch('http", "fetch(`", "fetch(url", "fetch(uri", "fetch(endpoint", "fetch(target",
      "fetch(webhook",
    ].map {
      Pattern($0, .network, left: .boundary)
    }
    + ["file_get_contents('http", "file_get_contents(\"http", "file_get_contents($url"].map {
      Pattern($0, .network, left: .boundary)
    }

  private static let crypto: [Pattern] = [
    "hashlib.md5(", "hashlib.sha1(", "md5.new(", "md5.sum(", "sha1.new(", "sha1.sum(", "createhash('md5",
    "createhash(\"md5", "createhash('sha1",
    "createhash(\"sha1", "digest::md5", "digest::sha1", "getinstance(\"md5", "getinstance(\"sha1",
    "getinstance(\"sha-1", "getinstance(\"des",
    "/ecb/", "mode_ecb", "insecure.md5", "insecure.sha1", "new md5crypto", "md5.create(", "sha1.create(",
    "createcipher(", "mcrypt_", "rc4",
    "arc4", "blake3::", "createhmac(", "subtle.digest(", "subtle.importkey(", "cryptokit", "commoncrypto", "seckey",
    "secitem", "messagedigest.",
    "crypto.subtle", "openssl_encrypt(", "openssl_decrypt(", "sodium_crypto", "random_bytes(", "securerandom",
    "crypto.randombytes(",
  ].map { Pattern($0, .crypto, left: .boundary) }

  private static let unsafe: [Pattern] = [
    "unsafe{", "unsafe fn", "unsafe impl", "unsafe.pointer", "unsafe.slice", "setaccessible(", "sun.misc.unsafe",
    "[dllimport", "import ctypes", "ctypes.", "dlsym(", "transmute(", "unsafebitcast(", "static mut",
  ].map { Pattern($0, .unsafe, left: .boundary) }

  private static let table = PatternTable(
    exec + transport + permissions + rights + deserialisation + network + crypto + unsafe)
  private static let shellTable = PatternTable([Pattern("eval ", .exec, left: .boundary)])

  /// The first place of every rule, as an offset into the line's bytes.
  static func find(in line: ScannedLine, isShell: Bool) -> [(rule: ReviewRule, position: Int)] {
    let (bytes, origins) = (line.squeezed.bytes, line.squeezed.origins)
    var found = table.matches(in: bytes).filter { match in
      // `model.eval()` of a machine-learning library switches a mode and runs no text.
      !(match.rule == .exec && isModeSwitch(at: match.position, in: bytes))
    }
    if isShell, !found.contains(where: { $0.rule == .exec }) { found += shellTable.matches(in: line.code.bytes) }
    return found.map { ($0.rule, $0.position < origins.count ? origins[$0.position] : 0) }
  }

  private static let modeSwitch = Array(".eval()".utf8)

  private static func isModeSwitch(at position: Int, in bytes: [UInt8]) -> Bool {
    guard position > 0, bytes[(position - 1)...].starts(with: modeSwitch) else { return false }
    // Only when nothing else on the line does what the first match was kept for.
    var rest = bytes
    rest.removeSubrange(position..<position + modeSwitch.count - 1)
    return !table.matches(in: rest).contains { $0.rule == .exec }
  }
}
