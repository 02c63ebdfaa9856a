"""The demo's words: a guest-post pitch in three e-mails."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """One variant of an e-mail."""

    subject: str
    body: str


@dataclass(frozen=True)
class Step:
    """One e-mail of the sequence; `wait` in days after the one before."""

    wait: int
    thread: str
    variants: tuple[Wording, ...]


STEPS = (
    Step(
        wait=0,
        thread="new",
        variants=(
            Wording(
                subject="A piece on {{ topic | default: 'eating outdoors' }} for {{ company }}",
                body="""Hi {{ first_name | default: "there" }},

I read {{ company | default: "your site" }} for its {{ topic | default: "outdoor" }} pieces. \
We test trail food at {{ client_name }}: {{ core_offer }}.

Would a guest piece with our own measurements be of use to your readers? The data behind it is \
[on our site]({{ target_url }}).

{{ cta }}""",
            ),
            Wording(
                subject="Trail food data your readers may like",
                body="""Hi {{ first_name | default: "there" }},

We weigh, time and photograph everything we cook outdoors, and publish the numbers: \
[trail nutrition]({{ target_url }}).

May I write one piece for {{ company | default: "you" }} from it? No product pitch, and you get \
the raw spreadsheet.""",
            ),
        ),
    ),
    Step(
        wait=2,
        thread="same",
        variants=(
            Wording(
                subject="",
                body="""Hi {{ first_name | default: "again" }},

in case my note got buried: I have an outline ready, five points, one chart. Shall I send it?""",
            ),
        ),
    ),
    Step(
        wait=3,
        thread="same",
        variants=(
            Wording(
                subject="",
                body="""Hi {{ first_name | default: "there" }},

last note from me. If a piece does not fit, {{ fallback_action | default: "a quote" }} may. \
And if it is simply no, tell me and I will not write again.""",
            ),
        ),
    ),
)
