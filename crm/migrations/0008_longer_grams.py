from django.db import migrations

from crm.migrations import _grams_before_sought as grams

# Of a word each two neighbouring characters, or three where the first of them is a letter of an alphabet or a digit (at
# the end of the word two); and its first one with the blank before it.
GRAMS = """
CREATE FUNCTION crm_grams(told text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    grams text[] := '{}';
    word text;
BEGIN
    FOREACH word IN ARRAY string_to_array(ltrim(told), ' ') LOOP
        grams := grams || (' ' || left(word, 1));
        FOR place IN 1 .. length(word) - 1 LOOP
            grams := grams || substr(word, place, CASE WHEN ascii(substr(word, place)) < 11904 THEN 3 ELSE 2 END);
        END LOOP;
    END LOOP;
    RETURN array_to_tsvector(grams);
END
$$
"""
PAIRS = """
CREATE FUNCTION crm_grams(told text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    signs text[] := string_to_array(told, NULL);
    grams text[] := '{}';
BEGIN
    FOR place IN 1 .. cardinality(signs) - 1 LOOP
        grams[place] := signs[place] || signs[place + 1];
    END LOOP;
    RETURN grams;
END
$$
"""
# CASCADE: other layers have indexes by it, and make theirs again by a migration of their own.
DROP = "DROP FUNCTION crm_grams(text) CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_facts_unchecked")]

    operations = [
        migrations.RemoveIndex("account", "account_grams"),
        migrations.RemoveIndex("contact", "contact_grams"),
        migrations.RunSQL(DROP + GRAMS, DROP + PAIRS),
        migrations.AddIndex("account", grams.index("name", "domain", name="account_grams")),
        migrations.AddIndex(
            "contact",
            grams.index("last_name", "+first_name", "first_name", "email", name="contact_grams"),
        ),
    ]
