import OrchConfig
import Testing

@Suite("Settings")
struct SettingsTests {
  @Test func empty() { #expect(SettingsLoader.parse("", file: "c.toml").settings == .defaults) }
}
