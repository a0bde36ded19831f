using NUnit.Framework;
using PcmkKpatch.Core;

namespace PcmkKpatch.Tests;

public sealed class SecretsTests
{
    [TestCase("passwd")]
    [TestCase("password")]
    [TestCase("pass")]
    [TestCase("snmp_priv_passwd")]
    [TestCase("PASSWORD")]
    [TestCase("pwd")]
    [TestCase("login")]
    [TestCase("token")]
    [TestCase("api_token")]
    [TestCase("secret")]
    [TestCase("secret_access_key")]
    [TestCase("key")]
    [TestCase("community")]
    [TestCase("auth")]
    [TestCase("pin")]
    public void a_parameter_of_such_a_name_holds_a_secret(string name) => Assert.That(Secrets.IsSecret(name), Is.True);

    [TestCase("pcmk-kpatch-token")]
    [TestCase("kpatch-hold")]
    [TestCase("ip")]
    [TestCase("ipaddr")]
    [TestCase("stonith-enabled")]
    [TestCase("pcmk_host_list")]
    [TestCase("no-quorum-policy")]
    [TestCase("spine")]
    public void this_one_holds_none(string name) => Assert.That(Secrets.IsSecret(name), Is.False);

    [TestCase("passwd=hunter2", "passwd=******")]
    [TestCase("fence_x: --password=hunter2 --ip=10.0.0.1", "fence_x: --password=****** --ip=10.0.0.1")]
    [TestCase("fence_x --password hunter2 -o status", "fence_x --password ****** -o status")]
    [TestCase("\"password\": \"hun\\\"ter2\", \"a\": 1", "\"password\": \"******\", \"a\": 1")]
    [TestCase("password=\"hunter2", "password=******")]
    [TestCase("password='hunter 2' next", "password='******' next")]
    [TestCase("    * admin_passwd    : hunter2", "    * admin_passwd    : ******")]
    [TestCase("OCF_RESKEY_password=hunter2", "OCF_RESKEY_password=******")]
    [TestCase("aws_secret_access_key = AbC/dEf+1", "aws_secret_access_key = ******")]
    [TestCase("api_key: 123-456", "api_key: ******")]
    [TestCase("auth_token=abc", "auth_token=******")]
    [TestCase("snmp_community: public", "snmp_community: ******")]
    [TestCase("https://anna:hunter2@host/x", "https://******@host/x")]
    public void what_looks_like_a_secret_is_masked(string text, string masked) => Assert.That(new Secrets().Without(text), Is.EqualTo(masked));

    [TestCase("node1: gives the token back")]
    [TestCase("\"token\": { \"state\": \"free\" }")]
    [TestCase("pcmk-kpatch-token: free")]
    [TestCase("kpatch-state: waiting: token.held")]
    [TestCase("the gate passed: yes")]
    [TestCase("no key: yes")]
    [TestCase("see https://host/x")]
    public void what_is_none_stays(string text) => Assert.That(new Secrets().Without(text), Is.EqualTo(text));

    [Test]
    public void a_known_value_is_masked_wherever_and_however_it_stands()
    {
        const string Value = "a<b>&\"c d/é";
        var secrets = new Secrets();
        secrets.Learn(Value);
        secrets.Learn("part-of");
        secrets.Learn("part-of-more");

        Assert.That(
            secrets.Without($"{Value} a&lt;b&gt;&amp;&quot;c d/é a\\u003Cb\\u003E\\u0026\\u0022c d/\\u00E9 a<b>&\\\"c d/é a%3Cb%3E%26%22c%20d%2F%C3%A9 xpart-of-morex"),
            Is.EqualTo("****** ****** ****** ****** ****** x******x"));
    }

    [TestCase("abc")]
    [TestCase("")]
    [TestCase("true")]
    [TestCase("root")]
    public void a_value_that_stands_everywhere_by_chance_is_not_looked_for(string value)
    {
        var secrets = new Secrets();
        secrets.Learn(value);

        Assert.That(secrets.Without("abc true root"), Is.EqualTo("abc true root"));
    }

    [Test]
    public void a_value_that_is_the_word_for_another_does_not_bare_that()
    {
        var secrets = new Secrets();
        secrets.Learn("passphrase");

        Assert.That(secrets.Without("passphrase=hunter2"), Does.Not.Contain("hunter2"));
    }

    // Backtracking without end would hang the command on a line that anybody can write into the journal.
    [Test]
    public void a_long_line_takes_no_time_without_end()
    {
        var line = string.Concat(Enumerable.Repeat("a_token_", 20_000)) + string.Concat(Enumerable.Repeat("passwd \"\\", 20_000));

        Assert.That(new Secrets().Without(line), Is.Not.Empty);
    }
}
