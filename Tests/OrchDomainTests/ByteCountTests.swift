import OrchDomain
import Testing

@Suite("Amounts of storage")
struct ByteCountTests {
  @Test(arguments: [
    ("0", 0), ("20GB", 20_000_000_000), ("512 mb", 512_000_000), ("1kB", 1000), ("7B", 7), ("3tb", 3_000_000_000_000),
  ])
  func reads(_ text: String, _ bytes: Int64) { #expect(ByteCount(text: text)?.bytes == bytes) }

  @Test(arguments: ["", "GB", "-1GB", "1.5GB", "1", "1GiB", "99999999999TB", "1 G B"])
  func refuses(_ text: String) { #expect(ByteCount(text: text) == nil) }

  @Test(arguments: [
    (0, "0", "0 B"), (999, "999B", "999 B"), (1500, "1500B", "1.5 kB"), (20_000_000_000, "20GB", "20 GB"),
  ])
  func shows(_ bytes: Int64, _ text: String, _ shown: String) {
    #expect(ByteCount(bytes).text == text && ByteCount(bytes).shown == shown)
    #expect(ByteCount(text: ByteCount(bytes).text)?.bytes == bytes)
  }
}
