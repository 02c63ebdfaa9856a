"""Industries in people's own words, brought to topics that can be compared."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

GENERAL = "general"
# Words and phrases that put a business, or a site, under a topic.
_WORDS: dict[str, str] = {
    "healthcare": "health healthcare medical medicine doctor doctors physician clinic clinics"
    " hospital dental dentist dentists dentistry therapist therapy psychology psychologist"
    " physiotherapy pharmacy nursing nurse optician chiropractor wellness telehealth surgeon",
    "legal": "legal law lawyer lawyers attorney attorneys solicitor solicitors barrister notary"
    " litigation paralegal",
    "it & saas": "it saas software app apps cloud cybersecurity tech technology startup startups"
    " developer developers devops hosting ai data analytics api b2b",
    "travel & hospitality": "travel tourism tour tours hotel hotels hospitality hostel resort"
    " holiday holidays vacation airline cruise accommodation lodging",
    "real estate": "realty realtor realtors property properties housing mortgage letting lettings"
    " landlord conveyancing",
    "home services": "plumber plumbing electrician electrical roofing roofer hvac builder builders"
    " building construction contractor contractors renovation remodeling cleaning landscaping"
    " gardening gardener locksmith handyman painter carpenter flooring moving removals pest"
    " trades tradesman interior architect",
    "finance": "finance financial fintech bank banking accounting accountant accountants"
    " bookkeeping insurance insurer investment investing tax lending loans credit payments crypto"
    " pension wealth",
    "education": "education educational school schools university college course courses training"
    " tutor tutoring elearning teacher teachers learning academy student students",
    "e-commerce": "ecommerce shop shops store stores retail retailer merchant fashion clothing"
    " apparel jewellery jewelry cosmetics beauty furniture gifts products equipment gear",
    "automotive": "automotive car cars auto autos vehicle vehicles garage motorcycle dealership"
    " dealer tyres tires mechanic truck",
    "food & restaurants": "food restaurant restaurants cafe coffee catering bakery bar pub bistro"
    " pizza takeaway brewery winery chef dining recipes",
    "wedding & events": "wedding weddings event events bridal venue venues florist photographer"
    " photography dj party celebrant conference conferences",
    "nonprofit": "nonprofit nonprofits charity charities ngo foundation volunteering fundraising",
    "marketing": "marketing advertising agency agencies seo ppc branding pr design designer"
    " webdesign content copywriting media",
    "sports & outdoors": "sport sports fitness gym outdoor outdoors camping hiking trail cycling"
    " running yoga golf",
    "pets": "pet pets vet vets veterinary dog dogs cat cats grooming kennel",
    "jobs & careers": "jobs careers recruitment recruiting recruiter staffing hr hiring",
    "manufacturing": "manufacturing manufacturer manufacturers industrial industry engineering"
    " machinery wholesale supplier suppliers logistics factory",
    "science": "science scientific research biotech",
    "games": "game games gaming esports",
}
_PHRASES = {
    "non profit": "nonprofit",
    "e commerce": "e-commerce",
    "real estate": "real estate",
    "estate agent": "real estate",
    "estate agents": "real estate",
    "information technology": "it & saas",
    "web design": "marketing",
    "public relations": "marketing",
    "human resources": "jobs & careers",
    "home improvement": "home services",
    "home services": "home services",
}
_TOPIC_OF = {word: topic for topic, words in _WORDS.items() for word in words.split()}
# Words too wide to say that two businesses are alike.
_WIDE_WORDS = (
    "and of for the in service services company companies business online local other general"
    " solutions group products equipment supplies international digital professional home"
)
_WIDE = frozenset(_WIDE_WORDS.split())


def topics_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the topics texts are about: known ones, and their own words for the rest."""
    return frozenset(topic for text in texts for topic in _topics_in(text))


@lru_cache(maxsize=4096)
def _topics_in(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9]+", text.lower().replace("&", " "))
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    known = {_PHRASES[pair] for pair in pairs if pair in _PHRASES}
    known |= {_TOPIC_OF[word] for word in words if word in _TOPIC_OF}
    own = {word for word in words if word not in _WIDE and len(word) > 2}  # noqa: PLR2004  # no initials
    return frozenset(known | own)


def is_general(subcategory: str) -> bool:
    """Return whether a site takes listings of every kind."""
    return subcategory.strip().lower() in {"", GENERAL, "any", "all"}
