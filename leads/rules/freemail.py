"""Domains where anyone has an address, and those where an address lasts ten minutes."""

from foundation.words import word_set

FREE_MAIL = word_set("""
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.ca yahoo.com.au
    yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it ymail.com rocketmail.com outlook.com
    outlook.de outlook.fr outlook.es outlook.it hotmail.com hotmail.co.uk hotmail.de hotmail.es
    hotmail.fr hotmail.it live.com live.co.uk live.de live.fr live.nl msn.com aol.com aim.com
    icloud.com me.com mac.com proton.me protonmail.com pm.me tutanota.com tuta.io gmx.com gmx.net
    gmx.de gmx.at gmx.ch web.de freenet.de t-online.de mail.com mail.ru bk.ru inbox.ru list.ru
    yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua seznam.cz centrum.cz wp.pl o2.pl onet.pl
    interia.pl op.pl libero.it virgilio.it tiscali.it alice.it orange.fr wanadoo.fr free.fr
    laposte.net sfr.fr terra.com.br uol.com.br bol.com.br naver.com daum.net hanmail.net qq.com
    163.com 126.com sina.com foxmail.com zoho.com fastmail.com hey.com comcast.net verizon.net
    att.net sbcglobal.net btinternet.com sky.com ntlworld.com bigpond.com optusnet.com.au
    telenet.be skynet.be telia.com ziggo.nl kpnmail.nl home.nl bluewin.ch rediffmail.com
    """)
DISPOSABLE = word_set("""
    10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonaddy.me burnermail.io
    byom.de deadaddress.com discard.email discardmail.com discardmail.de dispostable.com
    dodgit.com dropmail.me emailondeck.com emailtemporario.com.br fakeinbox.com fakemail.net
    fake-mail.net getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com
    guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org harakirimail.com
    inboxbear.com inboxkitten.com jetable.org mail-temp.com mail-temporaire.fr mailcatch.com
    maildrop.cc mailinator.com mailinator.net mailnesia.com mailnull.com mailsac.com mintemail.com
    moakt.com mohmal.com mytemp.email mytrashmail.com nada.email one-time.email sharklasers.com
    spam4.me spambog.com spambox.us spamgourmet.com temp-mail.io temp-mail.org tempail.com
    tempinbox.com tempmail.com tempmail.net tempmail.plus tempmailo.com tempr.email
    throwawaymail.com trash-mail.com trash-mail.de trashmail.com trashmail.de trashmail.net
    wegwerfmail.de     yopmail.com yopmail.fr yopmail.net zeroinbox.com
    """)
