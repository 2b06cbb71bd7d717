"""Word lists that the rules share."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?", re.IGNORECASE)

#: Subjects that name no part: the product as a whole. Device nouns stand for the whole in reviews of that device.
GENERIC_SUBJECTS = frozenset(
    """
    product products item items thing things it this these one ones device devices unit units piece pieces purchase
    buy stuff article gadget earphone earphones earphon headphone headphones headset headsets earbud earbuds earpod
    earpods airpods neckband speaker speakers soundbar phone phones mobile tablet laptop computer pc camera cameras
    player players machine model brand company goods order deal offer choice option money everything anything all
    overall experience prodact produt prdct porduct prodect hai yaar bro echo dot alexa stick firestick router
    keyboard keyboards mouse monitor printer
    them they that there here same set pair version generation gen quality
    """.split()
)

#: Of those, devices that other devices have as parts: which is meant depends on what the reviews are about.
DEVICES_IN_DEVICES = frozenset("camera speaker keyboard".split())

#: Words that only judge: they say that something is bad or good, not what is wrong.
EVALUATIVE = frozenset(
    """
    bad badly worst worse worthless poor poorly pathetic terrible horrible awful rubbish garbage trash junk crap
    crappy useless waste wasted wasting sucks suck sucked lousy mediocre average ordinary ok okay decent fair so-so
    disappointing disappointed disappointment disappoint dissatisfied unsatisfied unsatisfactory unsatisfying
    satisfied satisfying satisfaction satisfactory happy unhappy unhappiness pleased impressed impressive good
    great nice best better excellent amazing awesome perfect fine superb recommend recommended recommendable
    recommending recommendation regret regretted regretting worth worthy worthful mark par expected expectation
    expectations expect expecting upto standard standards quality fake duplicate cheat cheated cheating fraud scam
    hate hated dislike like liked love loved ashamed shame annoying annoyed frustrating frustrated frustration
    unacceptable inferior substandard subpar third-class class grade rate rated star stars zero negative positive
    low lower lowest high higher cheap expensive overpriced pricey costly price money buy buying bought purchase
    purchased purchasing product item problem problems issue issues fault faulty defect defective trouble concern
    concerns complaint complaints nonsense bakwas bekar bekaar ghatiya faltu third pls please plz guys friends dont
    don't never again avoid hopeless miserable abysmal atrocious appalling dreadful flop pityful pitiful worest
    wrost worrst meh boring not mistake let down letdown irritating irritated irritates irritate odd weird ridiculous
    stupid silly pointless inconvenient inconvenience unpleasant unbearable unbelievable disgusting disgusted upset
    upsetting overrated overated overhyped unsettling
    """.split()
)

#: Words without content of their own around an evaluative word.
FILLER = frozenset(
    """
    a an the this that these those it its it's is are was were be been being am i im i'm me my we our you your he
    she they them their and or but so very really too much more most many lot lots of for to in on at by with from
    as if than then just only also even still ever all any some no not non isn't isnt wasn't wasnt aren't don't
    dont doesn't doesnt didn't didnt can't cant cannot won't wont couldn't wouldn't never nothing none neither nor
    quite pretty bit little totally completely absolutely extremely highly utterly simply definitely truly honestly
    seriously literally such what how which who when where there here one ones do does did have has had will would
    should could can may might get got gets getting go going make makes made seems seem looks look feel feels find
    found think thought say said up down out off about enough far way well part thing things ur u r n s t m re ve
    ll d hai h overall sir madam dear totaly realy verry vry
    """.split()
)

#: Words that say nothing of the product.
EMPTY = FILLER | GENERIC_SUBJECTS

#: Words too vague to say by themselves what goes wrong ("use", "becomes", "only after").
VAGUE = frozenset(
    """
    use used uses using usage user give gives giving gave given become becomes became start started starts starting
    happen happens happened happening come comes coming came take takes taking took keep keeps put time times day days
    week weeks month months year years hour hours min mins minute minutes hr hrs after before within during while until
    since later now proper properly actually basically really sometimes often always finally suddenly thing reason
    know tell ask see show shows try tried trying want wants wanted need needs need hope wish believe guess read review
    reviews people customer customers person other others else same different lot first second two three four five six
    ten few half back again own old new big small place side man god oh wow well etc till also however although beware
    care aware sorry sad sadly unfortunately kindly today yesterday performance perform performs performing
    """.split()
)


def words(text: str) -> list[str]:
    """Return the lower-cased words of `text`."""
    return list(_words(text))


# Themes ask for the words of the same few wordings again and again.
@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("’", "'") for word in WORD.findall(text.lower()))
