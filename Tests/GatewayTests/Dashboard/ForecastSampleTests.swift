import Gateway
import Testing

@Suite struct ForecastSampleTests {
  private func samples(_ profile: String = "hourly_orders", base: String = "https://api.example.com") -> CodeSamples {
    CodeSamples(base: base, dataProfile: profile, count: 5, temperature: 1, topP: 0.9)
  }

  @Test("The samples are the documentation's own, with the call's values in them")
  func asDocumented() {
    #expect(
      samples().curl == """
        curl https://api.example.com/v1/predict -H "Authorization: Bearer $TEMPORIS_TOKEN" \
        -H "Content-Type: application/json" \\
          -d '{ "data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9 }'
        """)
    #expect(
      samples().python == """
        import os, requests

        base, token = "https://api.example.com", os.environ["TEMPORIS_TOKEN"]
        response = requests.post(f"{base}/v1/predict", headers={"Authorization": f"Bearer {token}"},
            json={"data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9})
        response.raise_for_status()
        print(min(response.json()["predictions"], key=lambda prediction: prediction["loss"]))
        """)
    #expect(
      samples().javaScript == """
        const base = "https://api.example.com", token = process.env.TEMPORIS_TOKEN;
        const response = await fetch(base + "/v1/predict", {
          method: "POST",
          headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
          body: JSON.stringify({ data_profile: "hourly_orders", count: 5, temperature: 1.0, top_p: 0.9 }),
        });
        console.log(await response.json());
        """)
  }

  @Test("A name that means something to a shell or in a string is quoted for each of them")
  func quoting() {
    let profile = "it's \"$(rm)\" `x` \\ \n"
    let json = #""it's \"$(rm)\" `x` \\ \n""#
    #expect(samples(profile).python.contains("\"data_profile\": \(json), "))
    #expect(samples(profile).javaScript.contains("data_profile: \(json), "))
    #expect(samples(profile).curl.contains(#"-d '{ "data_profile": "it'\''s \"$(rm)\" `x` \\ \n", "count""#))
  }

  @Test("So is the base URL in the shell, where it is more than letters, digits and points")
  func base() {
    #expect(samples(base: "http://[::1]:8080").curl.hasPrefix("curl 'http://[::1]:8080/v1/predict' -H "))
    #expect(samples(base: "http://a'b;reboot").curl.hasPrefix(#"curl 'http://a'\''b;reboot/v1/predict' -H "#))
    #expect(samples(base: "http://localhost:8080").curl.hasPrefix("curl http://localhost:8080/v1/predict -H "))
  }
}
