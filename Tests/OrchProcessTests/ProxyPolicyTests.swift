import Testing

@testable import OrchProcess

struct ProxyPolicyTests {
  @Test(arguments: [
    ("api.example.com", 443, true), ("API.Example.com.", 443, true), ("api.example.com", 80, true),
    ("api.example.com", 22, false), ("x.api.example.com", 443, false), ("example.com", 443, false),
    ("deep.sub.example.org", 443, true), ("example.org", 443, false), ("evil-example.org", 443, false),
    ("port.example.net", 8443, true), ("port.example.net", 443, false), ("127.0.0.1", 9000, true),
    ("127.0.0.1", 80, false), ("0x7f.1", 9000, false), ("::1", 8080, true), ("", 443, false),
  ])
  func hosts(_ host: String, _ port: UInt16, _ isAllowed: Bool) {
    let policy = ProxyPolicy(hosts: [
      "api.example.com", "*.example.org", "port.example.net:8443", "127.0.0.1:9000", "[::1]:8080", "", "*.", "bad:port",
    ])
    #expect(policy.allows(host: host, port: port) == isAllowed)
  }

  @Test(arguments: [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "::127.0.0.1",
  ])
  func addressesThatAreNobodys(_ text: String) throws {
    let address = try #require(NetworkAddress(text))
    #expect(!address.isPublic)
    #expect(!ProxyPolicy(hosts: ["name.example", "*.example"]).allows(address: address, port: 443))
  }

  @Test(arguments: ["93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
  func addressesOfTheWorld(_ text: String) throws { #expect(try #require(NetworkAddress(text)).isPublic) }

  @Test func aPrivateAddressCountsOnlyWhenItIsListedItself() throws {
    let loopback = try #require(NetworkAddress("127.0.0.1"))
    #expect(!ProxyPolicy(hosts: ["localhost:9000"]).allows(address: loopback, port: 9000))
    #expect(ProxyPolicy(hosts: ["127.0.0.1:9000"]).allows(address: loopback, port: 9000))
    #expect(!ProxyPolicy(hosts: ["127.0.0.1:9000"]).allows(address: loopback, port: 9001))
  }

  @Test(arguments: [
    "127.1", "0177.0.0.1", "1.2.3.256", "1.2.3", "", ":", "1::2::3", "12345::", "1.2.3.4.5", "::1%eth0",
  ])
  func textsThatAreNoAddress(_ text: String) { #expect(NetworkAddress(text) == nil) }

  @Test func requests() throws {
    let connect = try #require(ProxyRequest(Array("CONNECT api.example.com:443 HTTP/1.1\r\nHost: x".utf8)))
    #expect(connect.host == "api.example.com" && connect.port == 443 && connect.head == nil)
    let get = try #require(
      ProxyRequest(
        Array(
          "GET http://example.com/a?b HTTP/1.1\r\nHost: other\r\nProxy-Authorization: x\r\nConnection: close\r\nA: b"
            .utf8)))
    #expect(get.host == "example.com" && get.port == 80)
    #expect(
      get.head.map { String(decoding: $0, as: UTF8.self) }
        == "GET /a?b HTTP/1.1\r\nHost: example.com\r\nA: b\r\nConnection: close\r\n\r\n")
    for text in [
      "GET / HTTP/1.1", "CONNECT x HTTP/1.1", "CONNECT a b:1 HTTP/1.1", "CONNECT a@b:1 HTTP/1.1",
      "CONNECT :443 HTTP/1.1",
      "CONNECT a:443 HTTP/2", "GET https://a/ HTTP/1.1", "", "\r\n", "CONNECT a\u{0}b:443 HTTP/1.1",
    ] {
      #expect(ProxyRequest(Array(text.utf8)) == nil, "\(text)")
    }
  }
}
